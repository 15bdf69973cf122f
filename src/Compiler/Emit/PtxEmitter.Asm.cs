using System.Globalization;
using System.Text;
using MmKernels.Compiler.Ir;
using MmKernels.Ptx;

namespace MmKernels.Compiler.Emit;

/// <summary>This file: inline PTX. Its text is parsed as the body of a function of its own, whose registers and labels then get names of this one.</summary>
internal sealed partial class PtxEmitter
{
    private const string OperandPrefix = "operand__";

    private void EmitText(Value value, AsmText asm)
    {
        PtxOperand[] results = Results(value, asm.Results);
        var operands = new PtxRegister[asm.Types.Length];
        int arg = 0;
        for (int i = 0; i < operands.Length; i++)
        {
            bool isResult = i < asm.Results;
            // Results have registers of their own: the text may write one before it has read the last argument.
            operands[i] = isResult ? builder.Register(RegisterType(asm.Types[i])) : Register(value.Args[arg++]);
            if (isResult && asm.ReadsResults) Move(operands[i], Operand(value.Args[arg++]), asm.Types[i]);
        }
        Splice(Parse(asm), operands);
        for (int i = 0; i < results.Length; i++)
            if (results[i] is RegisterOperand result) Move(result.Register, operands[i].Operand, asm.Types[i]);
    }

    private PtxFunction Parse(AsmText asm)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $".version {builder.Module.Version}\n.target {builder.Module.Target}\n.address_size 64\n.entry inline() {{\n");
        for (int i = 0; i < asm.Types.Length; i++) text.Append(CultureInfo.InvariantCulture, $".reg .{RegisterType(asm.Types[i]).Name()} {OperandPrefix}{i};\n");
        text.Append(Substitute(asm.Text)).Append("\n}\n");
        try
        {
            return PtxText.Parse(text.ToString()).Functions[0];
        }
        catch (MmkException e)
        {
            throw Diagnostics.Argument(function.Name, $"inline PTX `{asm.Text}`: {e.Problem}", "%0, %1 .. name the arguments; %%tid.x and the like are special registers");
        }
    }

    /// <summary>%1 becomes the operand's name, %% a percent sign.</summary>
    private static string Substitute(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 1 == text.Length) result.Append(text[i]);
            else if (text[i + 1] == '%') result.Append(text[i++]);
            else if (char.IsAsciiDigit(text[i + 1])) result.Append(OperandPrefix);
            else result.Append(text[i]);
        }
        return result.ToString();
    }

    private void Splice(PtxFunction inline, PtxRegister[] operands)
    {
        var registerOf = new Dictionary<PtxRegister, PtxRegister>();
        foreach (PtxRegister register in inline.Registers)
            registerOf.Add(register, register.Name.StartsWith(OperandPrefix, StringComparison.Ordinal)
                ? operands[int.Parse(register.Name.AsSpan(OperandPrefix.Length), CultureInfo.InvariantCulture)]
                : builder.Register(register.Type));
        var labelOf = new Dictionary<PtxLabel, PtxLabel>();
        foreach (PtxStatement statement in inline.Body)
            if (statement is PtxLabel label) labelOf.Add(label, builder.Label());
        foreach (PtxStatement statement in inline.Body)
        {
            if (statement is PtxLabel label) builder.Place(labelOf[label]);
            else if (statement is PtxInstruction instruction)
                builder.Emit(instruction.Operation, instruction.Guard is { } guard ? registerOf[guard] : null, instruction.GuardNegated,
                    [.. instruction.Operands.Select(operand => Rename(operand, registerOf, labelOf))]);
        }
    }

    private static PtxOperand Rename(PtxOperand operand, Dictionary<PtxRegister, PtxRegister> registers, Dictionary<PtxLabel, PtxLabel> labels) => operand switch
    {
        RegisterOperand r => r.Negated ? new RegisterOperand(registers[r.Register], true) : registers[r.Register].Operand,
        AddressOperand { Register: { } r } a => a with { Register = registers[r] },
        VectorOperand v => new VectorOperand([.. v.Elements.Select(e => Rename(e, registers, labels))]),
        PairOperand p => new PairOperand(Rename(p.First, registers, labels), Rename(p.Second, registers, labels)),
        LabelOperand l => new LabelOperand(labels[l.Label]),
        _ => operand,
    };
}
