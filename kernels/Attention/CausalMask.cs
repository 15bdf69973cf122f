namespace MmKernels.Kernels;

/// <summary>Which earlier keys a query sees: what models choose and causal attention is given.</summary>
public sealed class CausalMask
{
    /// <summary>All up to its own position.</summary>
    public static readonly CausalMask Full = new(typeof(Causal), 0);

    private CausalMask(Type function, int span) => (Function, Span) = (function, span);

    /// <summary>The struct that kernels take as type argument.</summary>
    internal Type Function { get; }

    internal int Span { get; }

    /// <summary>The last <paramref name="keys"/> up to its own position, its own among them.</summary>
    public static CausalMask Window(int keys) => new(typeof(Windowed), keys);

    /// <summary>The first <paramref name="keys"/> of the sequence, and all up to its own position.</summary>
    public static CausalMask Prefix(int keys) => new(typeof(Prefixed), keys);
}
