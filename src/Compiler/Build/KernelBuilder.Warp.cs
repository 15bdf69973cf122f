using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: matrix instructions, asynchronous copies and inline PTX.</summary>
internal sealed partial class KernelBuilder
{
    private static readonly IrType[] fourFloats = [IrType.F32, IrType.F32, IrType.F32, IrType.F32];
    private static readonly IrType[] fourWords = [IrType.I32, IrType.I32, IrType.I32, IrType.I32];
    private static readonly IrType[] twoWords = [IrType.I32, IrType.I32];
    private static readonly IrType[] oneWord = [IrType.I32];

    private static readonly AsmTemplate multiplyBF16 = new("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", "{oooo},{iiii},{ii},{iiii}", fourFloats);
    private static readonly AsmTemplate multiplyF16 = new("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", "{oooo},{iiii},{ii},{iiii}", fourFloats);
    private static readonly AsmTemplate load4 = new("ldmatrix.sync.aligned.m8n8.x4.shared.b16", "{oooo},a", fourWords);
    private static readonly AsmTemplate load4Transposed = new("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16", "{oooo},a", fourWords);
    private static readonly AsmTemplate load2 = new("ldmatrix.sync.aligned.m8n8.x2.shared.b16", "{oo},a", twoWords);
    private static readonly AsmTemplate load2Transposed = new("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16", "{oo},a", twoWords);
    private static readonly AsmTemplate packBF16 = new("cvt.rn.bf16x2.f32", "o,i,i", oneWord);
    private static readonly AsmTemplate packF16 = new("cvt.rn.f16x2.f32", "o,i,i", oneWord);
    private static readonly AsmTemplate copy16 = new("cp.async.cg.shared.global", "a,a,16", []);
    private static readonly AsmTemplate copy16OrZero = new("cp.async.cg.shared.global", "a,a,16,i", []);
    private static readonly AsmTemplate barrierPopCount = new("bar.red.popc.u32", "o,0,i", oneWord);
    private static readonly AsmTemplate barrierAnd = new("bar.red.and.pred", "o,0,i", [IrType.Pred]);
    private static readonly AsmTemplate barrierOr = new("bar.red.or.pred", "o,0,i", [IrType.Pred]);
    private static readonly AsmTemplate commit = new("cp.async.commit_group", "", []);

    private void EmitMatrix(Intrinsic which, CallTarget target)
    {
        switch (which)
        {
            case Intrinsic.MatrixMultiplyBF16: Multiply(multiplyBF16, target); break;
            case Intrinsic.MatrixMultiplyF16: Multiply(multiplyF16, target); break;
            case Intrinsic.LoadMatrices4: LoadMatrices(load4, target); break;
            case Intrinsic.LoadMatrices4Transposed: LoadMatrices(load4Transposed, target); break;
            case Intrinsic.LoadMatrices2: LoadMatrices(load2, target); break;
            case Intrinsic.LoadMatrices2Transposed: LoadMatrices(load2Transposed, target); break;
            case Intrinsic.PackBF16: Push(Pack(packBF16)); break;
            case Intrinsic.PackF16: Push(Pack(packF16)); break;
            case Intrinsic.AsyncCopy16: CopyAsync(false); break;
            case Intrinsic.AsyncCopy16OrZero: CopyAsync(true); break;
            case Intrinsic.AsyncCommit: Asm(commit); break;
            case Intrinsic.AsmEmit: InlineAsm(target, Math.Min(1, target.Arguments - 1), isReference: false); break;
            case Intrinsic.AsmEmitRef: InlineAsm(target, target.Arguments - 1, isReference: true); break;
            default:
                Value groups = PopValue();
                if (!groups.IsConstant || groups.Imm is < 0 or > 64) throw Diagnostics.NotConstant(Here(), "the number of groups that AsyncCopy.Wait leaves running");
                Asm(new AsmTemplate("cp.async.wait_group", $"{groups.Imm}", []));
                break;
        }
    }

    /// <summary>The instruction, and its results in order.</summary>
    private Value[] Asm(AsmTemplate template, params Value[] args)
    {
        Value made = Meeting(ir.Append(Op.Asm, IrType.Void, args, symbol: template));
        var results = new Value[template.Results.Length];
        for (int i = 0; i < results.Length; i++) results[i] = ir.Append(Op.Extract, template.Results[i], [made], imm: i);
        return results;
    }

    private void Multiply(AsmTemplate template, CallTarget target)
    {
        var args = new Value[10];
        Spread(Pop(), args, 6);
        Spread(Pop(), args, 4);
        Spread(Pop(), args, 0);
        PushResults(Asm(template, args), target);
    }

    private void Spread(Abstract value, Value[] into, int first)
    {
        if (value is not StructValue s) throw Diagnostics.TypeInKernel(Here(), "a fragment that is no vector");
        for (int i = 0; i < s.Parts.Length; i++) into[first + i] = AsValue(s.Parts[i]);
    }

    private void PushResults(Value[] results, CallTarget target)
        => Push(new StructValue(LayoutOf(((System.Reflection.MethodInfo)target.Method).ReturnType), [.. results]));

    private void LoadMatrices(AsmTemplate template, CallTarget target) => PushResults(Asm(template, SharedAddress(target)), target);

    private Value SharedAddress(CallTarget target)
    {
        RefValue row = PopReference();
        if (row.Slot is not null || row.Space != Space.Shared) throw Diagnostics.Argument(Here(), $"`{target.Name}` of memory that is not shared", "Matrices are loaded from SharedMemory");
        return AddressOf(row);
    }

    private Value Pack(AsmTemplate template)
    {
        // The instruction names the upper half first.
        Value high = PopValue(), low = PopValue();
        return Asm(template, high, low)[0];
    }

    private void CopyAsync(bool orZero)
    {
        Value? inside = orZero ? Coerce(PopValue(), IrType.Pred) : null;
        Value at = PopValue();
        RefValue from = ElementOf(PopView(), at);
        RefValue to = PopReference();
        if (to.Slot is not null || to.Space != Space.Shared || from.Space != Space.Global)
            throw Diagnostics.Argument(Here(), "AsyncCopy between other places than global and shared memory", "It copies from a view of the kernel's parameters to SharedMemory");
        Value target = AddressOf(to), source = AddressOf(from);
        if (inside is null) Asm(copy16, target, source);
        else Asm(copy16OrZero, target, source, ir.Select(inside, ir.Int(16), ir.Int(0)));
    }

    /// <param name="results">Operands that are references and get a value.</param>
    /// <param name="isReference">Whether these are also read.</param>
    private void InlineAsm(CallTarget target, int results, bool isReference)
    {
        int operands = target.Arguments - 1;
        var popped = new Abstract[operands];
        for (int i = operands - 1; i >= 0; i--) popped[i] = Pop();
        if (Pop() is not TextValue text) throw Diagnostics.NotConstant(Here(), $"the text of `{target.Name}`");
        var types = new IrType[operands];
        var args = new List<Value>();
        for (int i = 0; i < operands; i++)
        {
            RefValue? place = i < results ? popped[i] as RefValue : null;
            Abstract value = place is null ? popped[i] : isReference ? LoadFrom(place) : Zero(place.Element);
            types[i] = AsValue(Unwrap(value)).Type;
            if (place is null || isReference) args.Add(AsValue(Unwrap(value)));
        }
        Value made = ir.Append(Op.Asm, IrType.Void, [.. args], symbol: new AsmText(text.Text, types, results, isReference));
        for (int i = 0; i < results; i++)
        {
            var place = (RefValue)popped[i];
            StoreTo(place, Wrap(place.Element, ir.Append(Op.Extract, types[i], [made], imm: i)));
        }
    }

    /// <summary>A literal is allowed where CudaAsm takes it.</summary>
    private Abstract Literal(IlInstruction literal)
    {
        IlInstruction[] code = frame.Il.Instructions;
        for (int i = index + 1; i < Math.Min(code.Length, index + 64); i++)
        {
            if (code[i].Op != IlOp.Call || frame.Il.ResolveCall(code[i], null).Intrinsic is not (Intrinsic.AsmEmit or Intrinsic.AsmEmitRef)) continue;
            return new TextValue(frame.Il.Method.Module.ResolveString((int)literal.Operand));
        }
        throw Unsupported(literal);
    }
}
