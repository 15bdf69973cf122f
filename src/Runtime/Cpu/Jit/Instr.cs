using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>A source value: a register, a constant, a special register or a variable's address.</summary>
internal readonly struct Arg
{
    public Reg? Register { get; init; }

    /// <summary>A negated predicate.</summary>
    public bool Negated { get; init; }

    public ulong Bits { get; init; }

    public PtxImmediateKind BitsKind { get; init; }

    public PtxSpecialRegister? Special { get; init; }

    public PtxVariable? Symbol { get; init; }

    /// <summary>Added to a symbol's address or, in an address, to the register.</summary>
    public long Offset { get; init; }

    public bool IsConstant => Register is null && Special is null && Symbol is null;
}

/// <summary>An instruction with its operands flattened: braces, pairs and sinks are resolved.</summary>
internal sealed class Instr
{
    public required PtxInstruction Source { get; init; }

    public PtxOperation Operation => Source.Operation;

    public PtxOpcode Opcode => Source.Operation.Opcode;

    public PtxType Type => Source.Operation.Type;

    /// <summary>Destinations in order; null for a sink.</summary>
    public Reg?[] Targets { get; init; } = [];

    /// <summary>Values read, in order, without addresses.</summary>
    public Arg[] Values { get; init; } = [];

    /// <summary>Addresses in order: most instructions have none or one.</summary>
    public Arg[] Addresses { get; init; } = [];

    /// <summary>Predicate under which the instruction has an effect; null without one.</summary>
    public Reg? Guard { get; init; }

    public bool GuardNegated { get; init; }

    /// <summary>Where the instruction runs for more lanes than the text asks for: the predicate of those that the text names.</summary>
    public Reg? Within { get; init; }

    public bool WithinNegated { get; init; }

    public int Line => Source.Line;

    /// <summary>The instruction under a predicate, or run for all lanes because nobody sees the others' results.</summary>
    public Instr Guarded(Reg predicate, bool negated, bool seen) => new()
    {
        Source = Source,
        Targets = Targets,
        Values = Values,
        Addresses = Addresses,
        Guard = seen ? predicate : null,
        GuardNegated = seen && negated,
        Within = seen ? null : predicate,
        WithinNegated = !seen && negated,
    };

    /// <summary>Registers read, the guard and, where the guard keeps old values, the targets included.</summary>
    public IEnumerable<Reg> Reads()
    {
        foreach (Arg value in Values)
            if (value.Register is not null) yield return value.Register;
        foreach (Arg address in Addresses)
            if (address.Register is not null) yield return address.Register;
        if (Within is not null) yield return Within;
        if (Guard is null) yield break;
        yield return Guard;
        foreach (Reg? target in Targets)
            if (target is not null) yield return target;
    }
}
