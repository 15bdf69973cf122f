namespace MmKernels.Ptx;

/// <summary>A named piece of memory: a module variable, a function's shared or local variable, a parameter or a call's argument slot.</summary>
public sealed class PtxVariable
{
    public required string Name { get; init; }

    public required PtxSpace Space { get; init; }

    /// <summary>Element type.</summary>
    public required PtxType Type { get; init; }

    /// <summary>2 or 4 for <c>.v2</c> and <c>.v4</c> elements, else 1.</summary>
    public int Vector { get; init; } = 1;

    /// <summary>Array dimensions, outermost first; empty for a scalar. A first dimension of -1 is open: <c>name[]</c>.</summary>
    public IReadOnlyList<int> Dims { get; init; } = [];

    /// <summary>Alignment in bytes: <c>.align</c>, or the natural one of the element.</summary>
    public required int Align { get; init; }

    /// <summary>Size in bytes; 0 for an open array (dynamic shared memory).</summary>
    public long Bytes
    {
        get
        {
            long bytes = Type.Bytes() * Vector;
            foreach (int dim in Dims) bytes = dim < 0 ? 0 : bytes * dim;
            return bytes;
        }
    }

    /// <summary>True for <c>.extern .shared name[]</c>: the dynamic shared memory of the launch.</summary>
    public bool IsOpen => Dims.Count > 0 && Dims[0] < 0;

    public PtxLinkage Linkage { get; init; }

    /// <summary>The initial bytes, possibly fewer than <see cref="Bytes"/> (the rest is zero); null without an initialiser.</summary>
    public byte[]? Data { get; init; }

    /// <summary>Addresses to be put into <see cref="Data"/> at load time.</summary>
    public IReadOnlyList<PtxRelocation> Relocations { get; init; } = [];

    /// <summary>For a parameter written with <c>.ptr</c>: the space it points to.</summary>
    public PtxSpace PointerSpace { get; init; }

    /// <summary>For a parameter written with <c>.ptr</c>: the alignment it promises; 0 without <c>.ptr</c>.</summary>
    public int PointerAlign { get; init; }

    /// <summary>Place in the list that holds this variable: module variables, parameters, return parameters or a function's variables.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>Line of the PTX text, from 1; 0 when built in memory.</summary>
    public int Line { get; init; }

    public override string ToString() => Name;
}

/// <summary>An address inside an initialiser: symbol + addend, 8 bytes at <paramref name="Offset"/>.</summary>
/// <param name="Generic">True for <c>generic(symbol)</c>; executors with one address space treat both alike.</param>
public sealed record PtxRelocation(int Offset, string Symbol, long Addend, bool Generic);
