namespace MmKernels.Kernels;

/// <summary>What becomes of the scores before softmax: what models choose and attention is given.</summary>
public sealed class AttentionScores
{
    private const float Log2E = 1.442695f;

    /// <summary>Nothing.</summary>
    public static readonly AttentionScores Plain = new(typeof(PlainScores), null, 0f, 0);

    private AttentionScores(Type function, Tensor? table, float cap, int reach) => (Function, Table, CapLog2, Reach) = (function, table, cap * Log2E, reach);

    /// <summary>The struct that kernels take as type argument.</summary>
    internal Type Function { get; }

    /// <summary>F32: slopes by head, or biases by distance and head.</summary>
    public Tensor? Table { get; }

    /// <summary>The soft cap as a factor of log2(e), in which kernels count scores.</summary>
    internal float CapLog2 { get; }

    /// <summary>The largest distance of a relative bias.</summary>
    internal int Reach { get; }

    /// <summary>score + slope[head] · (key - query): ALiBi.</summary>
    /// <param name="slopes">F32 [heads].</param>
    /// <remarks>source: Press et al. 2021, arXiv:2108.12409</remarks>
    public static AttentionScores Alibi(Tensor slopes) => new(typeof(AlibiScores), slopes, 0f, 0);

    /// <summary>cap · tanh(score / cap).</summary>
    /// <remarks>source: Gemma team 2024, arXiv:2408.00118</remarks>
    public static AttentionScores SoftCap(float cap) => new(typeof(CappedScores), null, cap, 0);

    /// <summary>score + table[clamp(key - query, -reach, reach) + reach][head]: a learned bias by distance.</summary>
    /// <param name="table">F32 [2 · reach + 1, heads].</param>
    /// <remarks>source: Raffel et al. 2019, arXiv:1910.10683</remarks>
    public static AttentionScores Relative(Tensor table) => new(typeof(RelativeScores), table, 0f, table.Shape[0] / 2);

    /// <summary>The table, or no elements where there is none.</summary>
    internal Tensor Numbers(Graph g, int heads)
    {
        if (Table is null) return g.New(DType.F32, 0);
        g.Require(Table.DType == DType.F32 && Table.Shape[^1] == heads && (Reach == 0 || Table.Shape.Elements == (2L * Reach + 1) * heads), Table);
        return Table;
    }
}

/// <summary>What becomes of a score, as a type argument of attention kernels.</summary>
internal interface IAttentionScores
{
    /// <summary>A score as softmax takes it.</summary>
    /// <param name="score">scale · q · k, times log2(e) as all scores in kernels are.</param>
    /// <param name="table">See <see cref="AttentionScores"/>.</param>
    /// <param name="head">The query's head.</param>
    /// <param name="heads">Heads of the queries.</param>
    /// <param name="distance">The key's position less the query's.</param>
    /// <param name="capLog2">The soft cap times log2(e).</param>
    /// <param name="reach">The largest distance of the table.</param>
    static abstract float Apply(float score, In<float> table, int head, int heads, int distance, float capLog2, int reach);
}

internal readonly struct PlainScores : IAttentionScores
{
    public static float Apply(float score, In<float> table, int head, int heads, int distance, float capLog2, int reach) => score;
}

internal readonly struct AlibiScores : IAttentionScores
{
    private const float Log2E = 1.442695f;

    public static float Apply(float score, In<float> table, int head, int heads, int distance, float capLog2, int reach)
        => XMath.Fma(table[head] * Log2E, distance, score);
}

internal readonly struct CappedScores : IAttentionScores
{
    public static float Apply(float score, In<float> table, int head, int heads, int distance, float capLog2, int reach) => SoftCapKernel.Apply(score, capLog2);
}

internal readonly struct RelativeScores : IAttentionScores
{
    private const float Log2E = 1.442695f;

    public static float Apply(float score, In<float> table, int head, int heads, int distance, float capLog2, int reach)
        => XMath.Fma(table[(XMath.Max(XMath.Min(distance, reach), -reach) + reach) * heads + head], Log2E, score);
}
