using MmKernels.Compiler.Ir;
using MmKernels.Ptx;

namespace MmKernels.Compiler.Emit;

/// <summary>This file: one value after the other.</summary>
internal sealed partial class PtxEmitter
{
    private static readonly PtxSpecialRegister[] specials =
    [
        PtxSpecialRegister.TidX, PtxSpecialRegister.TidY, PtxSpecialRegister.TidZ, PtxSpecialRegister.NtidX, PtxSpecialRegister.NtidY, PtxSpecialRegister.NtidZ,
        PtxSpecialRegister.CtaidX, PtxSpecialRegister.CtaidY, PtxSpecialRegister.CtaidZ, PtxSpecialRegister.NctaidX, PtxSpecialRegister.NctaidY, PtxSpecialRegister.NctaidZ,
        PtxSpecialRegister.LaneId, PtxSpecialRegister.DynamicSmemSize,
    ];

    private void Emit(Value value)
    {
        Value[] args = value.Args;
        switch (value.Op)
        {
            case Op.Phi or Op.Extract: break;
            case Op.Parameter: EmitParameter(value); break;
            case Op.Special: builder.Emit("mov.u32", Register(value).Operand, new SpecialRegisterOperand(specials[value.Imm])); break;
            case Op.Symbol:
                MemoryArray array = (MemoryArray)value.Symbol!;
                builder.Emit(value.Type == IrType.I32 ? "mov.u32" : "mov.u64", Register(value).Operand, new SymbolOperand(arrays[array]));
                break;
            case Op.Load: EmitLoad(value); break;
            case Op.Store: EmitStore(value); break;
            case Op.Atomic: EmitAtomic(value); break;
            case Op.Fence: builder.Emit(value.Kind == 0 ? "membar.cta" : "membar.gl"); break;
            case Op.Barrier: builder.Emit("bar.sync", ImmediateOperand.Of(0)); break;
            case Op.WarpBarrier: builder.Emit("bar.warp.sync", ImmediateOperand.Of(-1)); break;
            case Op.Asm: EmitAsm(value); break;
            case Op.Shuffle: EmitShuffle(value); break;
            case Op.Vote: EmitVote(value); break;
            case Op.BrainToFloat: EmitBrainToFloat(value); break;
            case Op.Pack: builder.Emit(value.Type == IrType.I64 ? "mov.b64" : "mov.b32", Register(value).Operand, new VectorOperand([RegisterOperand(args[0]), RegisterOperand(args[1])])); break;
            case Op.UnpackLow or Op.UnpackHigh: EmitUnpack(value); break;
            case Op.Compare: builder.Emit(CompareName(value), Register(value).Operand, Operand(args[0]), Operand(args[1])); break;
            case Op.Select: builder.Emit(SelectName(value.Type), Register(value).Operand, Operand(args[1]), Operand(args[2]), Register(args[0]).Operand); break;
            default: EmitPlain(value); break;
        }
    }

    private void EmitPlain(Value value)
    {
        Value[] args = value.Args;
        string name = OperationNames.Of(value);
        // Conversions and one-operand functions take registers.
        if (args.Length == 1) builder.Emit(name, Register(value).Operand, RegisterOperand(args[0]));
        else if (args.Length == 2) builder.Emit(name, Register(value).Operand, Operand(args[0]), Operand(args[1]));
        else builder.Emit(name, Register(value).Operand, Operand(args[0]), Operand(args[1]), Operand(args[2]));
    }

    private void EmitParameter(Value value)
    {
        IrParameter parameter = function.Parameters[(int)value.Imm];
        PtxRegister register = Register(value);
        builder.Emit($"ld.param.{ParameterType(parameter.Memory).Name()}", register.Operand, new AddressOperand(null, parameters[value.Imm], parameter.Offset));
        if (parameter.IsPointer) builder.Emit("cvta.to.global.u64", register.Operand, register.Operand);
    }

    private AddressOperand Address(Value address, long offset)
        => address.Op == Op.Symbol ? new AddressOperand(null, arrays[(MemoryArray)address.Symbol!], offset) : new AddressOperand(Register(address), null, offset);

    private void EmitLoad(Value value)
    {
        Access access = value.Access;
        string name = OperationNames.Load(access);
        if (access.Count == 1)
        {
            builder.Emit(name, Register(value).Operand, Address(value.Args[0], value.Imm));
            return;
        }
        PtxOperand[] elements = Results(value, access.Count);
        PtxType type = RegisterType(access.Type.Register());
        for (int i = 0; i < elements.Length; i++) elements[i] ??= builder.Register(type).Operand;
        builder.Emit(name, new VectorOperand(elements), Address(value.Args[0], value.Imm));
    }

    /// <summary>Registers of the results that somebody extracts, right behind the value; null for the others.</summary>
    private PtxOperand[] Results(Value value, int count)
    {
        var results = new PtxOperand[count];
        List<Value> values = value.Block!.Values;
        int first = values.IndexOf(value) + 1;
        for (int i = first; i < Math.Min(values.Count, first + 2 * count); i++)
            if (values[i].Op == Op.Extract && values[i].Args[0] == value) results[values[i].Imm] = Register(values[i]).Operand;
        return results;
    }

    private void EmitAsm(Value value)
    {
        if (value.Symbol is AsmText text)
        {
            EmitText(value, text);
            return;
        }
        var template = (AsmTemplate)value.Symbol!;
        PtxOperand[] results = Results(value, template.Results.Length);
        for (int i = 0; i < results.Length; i++) results[i] ??= builder.Register(RegisterType(template.Results[i])).Operand;
        var operands = new List<PtxOperand>();
        List<PtxOperand>? vector = null;
        int result = 0, arg = 0;
        for (int i = 0; i < template.Operands.Length; i++)
        {
            switch (template.Operands[i])
            {
                case '{': vector = []; break;
                case '}':
                    operands.Add(new VectorOperand([.. vector!]));
                    vector = null;
                    break;
                case 'o': (vector ?? operands).Add(results[result++]); break;
                case 'i': (vector ?? operands).Add(RegisterOperand(value.Args[arg++])); break;
                case 'a': operands.Add(Address(value.Args[arg++], 0)); break;
                case ',': break;
                default:
                    int start = i;
                    while (i + 1 < template.Operands.Length && char.IsAsciiDigit(template.Operands[i + 1])) i++;
                    operands.Add(ImmediateOperand.Of(int.Parse(template.Operands.AsSpan(start, i + 1 - start), System.Globalization.CultureInfo.InvariantCulture)));
                    break;
            }
        }
        builder.Emit(template.Operation, [.. operands]);
    }

    private void EmitStore(Value value)
    {
        Access access = value.Access;
        AddressOperand address = Address(value.Args[0], value.Imm);
        string name = OperationNames.Store(access);
        if (access.Count == 1)
        {
            builder.Emit(name, address, RegisterOperand(value.Args[1]));
            return;
        }
        var elements = new PtxOperand[access.Count];
        for (int i = 0; i < elements.Length; i++) elements[i] = RegisterOperand(value.Args[i + 1]);
        builder.Emit(name, address, new VectorOperand(elements));
    }

    private void EmitAtomic(Value value)
    {
        string name = OperationNames.Atomic(value);
        AddressOperand address = Address(value.Args[0], value.Imm);
        // atom.cas is (address, compare, value), as the dialect's arguments are.
        if (value.Args.Length == 3) builder.Emit(name, Register(value).Operand, address, RegisterOperand(value.Args[1]), RegisterOperand(value.Args[2]));
        else builder.Emit(name, Register(value).Operand, address, RegisterOperand(value.Args[1]));
    }

    private void EmitShuffle(Value value)
    {
        string mode = (ShuffleMode)value.Kind switch
        {
            ShuffleMode.Xor => "shfl.sync.bfly.b32",
            ShuffleMode.Down => "shfl.sync.down.b32",
            ShuffleMode.Up => "shfl.sync.up.b32",
            _ => "shfl.sync.idx.b32",
        };
        int clamp = (ShuffleMode)value.Kind == ShuffleMode.Up ? 0 : 31;
        builder.Emit(mode, Register(value).Operand, RegisterOperand(value.Args[0]), Operand(value.Args[1]), ImmediateOperand.Of(clamp), ImmediateOperand.Of(-1));
    }

    private void EmitVote(Value value)
    {
        string mode = (VoteMode)value.Kind switch { VoteMode.All => "vote.sync.all.pred", VoteMode.Any => "vote.sync.any.pred", _ => "vote.sync.ballot.b32" };
        builder.Emit(mode, Register(value).Operand, Register(value.Args[0]).Operand, ImmediateOperand.Of(-1));
    }

    private void EmitUnpack(Value value)
    {
        PtxOperand half = Register(value).Operand, other = builder.Register(RegisterType(value.Type)).Operand;
        builder.Emit(value.Type == IrType.I32 ? "mov.b64" : "mov.b32", new VectorOperand(value.Op == Op.UnpackLow ? [half, other] : [other, half]), RegisterOperand(value.Args[0]));
    }

    /// <summary>A bf16 is the upper half of an f32; this works before sm_90 too.</summary>
    private void EmitBrainToFloat(Value value)
    {
        PtxRegister zero = builder.Register(PtxType.B16);
        builder.Emit("mov.b16", zero.Operand, ImmediateOperand.Of(0));
        builder.Emit("mov.b32", Register(value).Operand, new VectorOperand([zero.Operand, RegisterOperand(value.Args[0])]));
    }

    private static string CompareName(Value value)
    {
        IrType type = value.Args[0].Type;
        bool unsigned = value.Condition is Condition.Lo or Condition.Ls or Condition.Hi or Condition.Hs;
        bool equality = value.Condition is Condition.Eq or Condition.Ne;
        string suffix = type switch
        {
            IrType.I16 => ".b16",
            IrType.I32 => unsigned ? ".u32" : equality ? ".b32" : ".s32",
            IrType.I64 => unsigned ? ".u64" : equality ? ".b64" : ".s64",
            IrType.F32 => ".f32",
            _ => ".f64",
        };
        return OperationNames.Compare(value.Condition, suffix);
    }

    private static string SelectName(IrType type) => type switch
    {
        IrType.I16 => "selp.b16",
        IrType.I32 => "selp.b32",
        IrType.I64 => "selp.b64",
        IrType.F32 => "selp.f32",
        _ => "selp.f64",
    };
}
