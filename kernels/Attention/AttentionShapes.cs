namespace MmKernels.Kernels;

/// <summary>Shapes of sequences and heads.</summary>
internal static class AttentionShapes
{
    private static readonly Type[] Heads =
    [
        typeof(Head16), typeof(Head32), typeof(Head48), typeof(Head64), typeof(Head80), typeof(Head96), typeof(Head112), typeof(Head128),
        typeof(Head144), typeof(Head160), typeof(Head176), typeof(Head192), typeof(Head208), typeof(Head224), typeof(Head240), typeof(Head256),
    ];

    /// <summary>[batch, tokens, width], or [tokens, width] for one sequence.</summary>
    public static void Sequences(Graph g, Tensor x, out int batch, out int tokens, out int width)
    {
        g.Require(x.Shape.Rank is 2 or 3 && x.Shape.Elements > 0, x);
        batch = x.Shape.Rank == 3 ? x.Shape[0] : 1;
        tokens = x.Shape[^2];
        width = x.Shape[^1];
    }

    /// <summary>An optional I32 number per sequence.</summary>
    public static Tensor Numbers(Graph g, Tensor? numbers, int batch)
    {
        if (numbers is null) return g.New(DType.I32, 0);
        g.Require(numbers.DType == DType.I32 && numbers.Shape.Elements == batch, numbers);
        return numbers;
    }

    /// <summary>headDim rounded up, as a kernel's type argument.</summary>
    public static Type HeadColumns(Graph g, Tensor q, int headDim)
    {
        g.Require(headDim is > 0 and <= 256, q);
        return Heads[(headDim - 1) / 16];
    }
}
