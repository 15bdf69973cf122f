namespace MmKernels.Compiler.Il;

/// <summary>A decoded IL instruction. Branch targets are indices into the method's instructions.</summary>
internal sealed class IlInstruction
{
    /// <summary>Byte offset in the method's IL.</summary>
    public required int Offset { get; init; }

    public required IlOp Op { get; init; }

    /// <summary>The <see cref="IlCompare"/>, the <see cref="IlConvert"/> or the primitive of an indirect access.</summary>
    public byte Kind { get; init; }

    /// <summary>An index, a token, the bits of a constant.</summary>
    public long Operand { get; init; }

    /// <summary>Index of the instruction that a branch goes to.</summary>
    public int Target { get; set; } = -1;

    /// <summary>Indices of the cases of a switch.</summary>
    public int[]? Targets { get; set; }

    /// <summary>What the token means, once it was looked up.</summary>
    public object? Member { get; set; }

    /// <summary>Name as IL assemblers write it, for messages.</summary>
    public string Name { get; init; } = "";
}
