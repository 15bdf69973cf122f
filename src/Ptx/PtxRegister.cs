namespace MmKernels.Ptx;

/// <summary>A register of a function.</summary>
public sealed class PtxRegister
{
    internal PtxRegister(PtxRegisterGroup group, int number, int index)
    {
        Group = group;
        Number = number;
        Index = index;
        Operand = new RegisterOperand(this);
    }

    /// <summary>The declaration that this register belongs to.</summary>
    public PtxRegisterGroup Group { get; }

    /// <summary>The number behind the prefix in a range such as <c>%r&lt;9&gt;</c>; -1 for a register declared alone.</summary>
    public int Number { get; }

    /// <summary>Dense index within the function: the place in <see cref="PtxFunction.Registers"/>.</summary>
    public int Index { get; }

    public PtxType Type => Group.Type;

    public string Name => Number < 0 ? Group.Prefix : $"{Group.Prefix}{Number}";

    /// <summary>The register as an operand; one object per register.</summary>
    public RegisterOperand Operand { get; }

    public override string ToString() => Name;
}

/// <summary>One <c>.reg</c> declaration: a range <c>%f&lt;10&gt;</c> or a single name. Registers exist once they are used.</summary>
public sealed class PtxRegisterGroup
{
    private PtxRegister?[] members = [];

    /// <summary>Name of a single register, or what precedes the numbers of a range.</summary>
    public required string Prefix { get; init; }

    public required PtxType Type { get; init; }

    /// <summary>2 or 4 for <c>.reg .v4 .f32</c>, else 1.</summary>
    public int Vector { get; init; } = 1;

    /// <summary>Length of the range; -1 for a single register.</summary>
    public int Count { get; internal set; } = -1;

    /// <summary>The register of that number (0 for a single one), made at its first use.</summary>
    internal PtxRegister Get(int number, List<PtxRegister> registers)
    {
        if (number >= members.Length) Array.Resize(ref members, Math.Max(number + 1, members.Length * 2 + 8));
        if (members[number] is { } known) return known;
        var made = new PtxRegister(this, Count < 0 ? -1 : number, registers.Count);
        registers.Add(made);
        return members[number] = made;
    }
}
