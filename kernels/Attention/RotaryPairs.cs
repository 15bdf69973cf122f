namespace MmKernels.Kernels;

/// <summary>Which dimensions of a head turn together: what models choose and <see cref="RotaryKernel"/> is given.</summary>
public sealed class RotaryPairs
{
    /// <summary>j and j + half, as GPT-NeoX and LLaMA on the hub.</summary>
    public static readonly RotaryPairs Halves = new("halves", typeof(RotaryHalves));

    /// <summary>2 j and 2 j + 1, as GPT-J and LLaMA's own files.</summary>
    public static readonly RotaryPairs Neighbours = new("neighbours", typeof(RotaryNeighbours));

    private readonly string name;

    private RotaryPairs(string name, Type function) => (this.name, Function) = (name, function);

    /// <summary>The struct that the kernel takes as type argument.</summary>
    internal Type Function { get; }

    public override string ToString() => name;
}

/// <summary>The dimensions of a pair, as a type argument of <see cref="RotaryKernel"/>.</summary>
internal interface IRotaryPairs
{
    static abstract int First(int pair, int half);

    static abstract int Second(int pair, int half);
}

internal readonly struct RotaryHalves : IRotaryPairs
{
    public static int First(int pair, int half) => pair;

    public static int Second(int pair, int half) => pair + half;
}

internal readonly struct RotaryNeighbours : IRotaryPairs
{
    public static int First(int pair, int half) => 2 * pair;

    public static int Second(int pair, int half) => 2 * pair + 1;
}
