namespace MmKernels.Ptx;

/// <summary>An <c>.entry</c> or <c>.func</c>. Nested scopes of the text are flattened; names are unique within the function.</summary>
public sealed class PtxFunction
{
    public required string Name { get; init; }

    public required bool IsEntry { get; init; }

    public PtxLinkage Linkage { get; init; }

    /// <summary>False for a declaration.</summary>
    public bool HasBody { get; init; } = true;

    public List<PtxVariable> Parameters { get; } = [];

    /// <summary>Return parameters of a <c>.func</c>; empty for an entry.</summary>
    public List<PtxVariable> Returns { get; } = [];

    /// <summary><c>.reqntid</c>, padded with ones to three; null without it.</summary>
    public int[]? RequiredThreads { get; set; }

    /// <summary><c>.maxntid</c>, padded with ones to three; null without it.</summary>
    public int[]? MaxThreads { get; set; }

    /// <summary><c>.minnctapersm</c>; 0 without it.</summary>
    public int MinBlocksPerMultiprocessor { get; set; }

    /// <summary><c>.maxnreg</c>; 0 without it.</summary>
    public int MaxRegisters { get; set; }

    /// <summary>Other directives between the parameters and the body, kept as text, such as <c>.noreturn</c>.</summary>
    public List<string> Directives { get; } = [];

    /// <summary>Register declarations in order.</summary>
    public List<PtxRegisterGroup> RegisterGroups { get; } = [];

    /// <summary>The registers in use; <see cref="PtxRegister.Index"/> is the place in this list.</summary>
    public List<PtxRegister> Registers { get; } = [];

    /// <summary>Shared and local variables and the param slots of calls; <see cref="PtxVariable.Index"/> is the place in this list.</summary>
    public List<PtxVariable> Variables { get; } = [];

    /// <summary>Labels, instructions, branch tables, call prototypes and pragmas.</summary>
    public List<PtxStatement> Body { get; } = [];

    /// <summary>Line of the PTX text, from 1; 0 when built in memory.</summary>
    public int Line { get; init; }

    public override string ToString() => Name;
}
