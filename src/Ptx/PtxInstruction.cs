namespace MmKernels.Ptx;

/// <summary>One instruction: an operation with its operands, guard and place.</summary>
public sealed class PtxInstruction : PtxStatement
{
    public PtxInstruction(PtxOperation operation, params PtxOperand[] operands)
    {
        Operation = operation;
        Operands = operands;
    }

    /// <summary>Opcode and modifiers, resolved; shared by all instructions with the same spelling.</summary>
    public PtxOperation Operation { get; }

    /// <summary>Destinations first, as in the text.</summary>
    public PtxOperand[] Operands { get; }

    /// <summary>The predicate in <c>@%p1</c> or <c>@!%p1</c>, or null.</summary>
    public PtxRegister? Guard { get; init; }

    public bool GuardNegated { get; init; }

    /// <summary>The <c>.loc</c> in force, or null. One object per <c>.loc</c>.</summary>
    public PtxLocation? Location { get; init; }

    public PtxOpcode Opcode => Operation.Opcode;

    /// <inheritdoc cref="PtxOperation.Type"/>
    public PtxType Type => Operation.Type;

    public override string ToString()
    {
        string guard = Guard is null ? "" : GuardNegated ? $"@!{Guard.Name} " : $"@{Guard.Name} ";
        return Operands.Length == 0 ? $"{guard}{Operation.Text};" : $"{guard}{Operation.Text} {string.Join(", ", (object[])Operands)};";
    }
}
