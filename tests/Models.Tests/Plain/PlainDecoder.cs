using static MmKernels.Tests.Plain.PlainMath;

namespace MmKernels.Tests.Plain;

/// <summary>One block's weights.</summary>
internal sealed record PlainLayer
{
    public required PlainLinear Query, Key, Value, Output, Up, Down;

    public PlainLinear? Gate;

    /// <summary>In the order in which they are used.</summary>
    public required PlainNorm[] Norms;

    /// <summary>Norms of queries and keys; with as many weights as heads have dimensions all together, each head has its own.</summary>
    public PlainNorm? QueryNorm, KeyNorm;

    /// <summary>The last keys that a query sees; all where 0.</summary>
    public int Window;
}

/// <summary>How a block's branches and norms are put together.</summary>
internal enum PlainOrder
{
    Serial, Parallel, PostNorm, Sandwich,
}

/// <summary>A decoder-only language model in double precision, written from the families' published code and nothing of ours.</summary>
internal sealed record PlainDecoder
{
    public required int Vocabulary, Heads, KvHeads, HeadDim;

    public required double[] Embedding;

    public required PlainLayer[] Layers;

    public required Func<double, double> Activation;

    public required PlainLinear Head;

    public PlainNorm? EmbeddingNorm, Norm;

    public PlainLinear? ProjectIn, ProjectOut;

    public double EmbeddingScale = 1, Scale, SoftCap, LogitCap, Magnitude = 1;

    public PlainOrder Order;

    /// <summary>The angle by which each pair turns from one position to the next, for a sequence of that many tokens; no pairs, no rotation.</summary>
    public Func<int, double[]> Frequencies = _ => [];

    /// <summary>Whether neighbours are a pair; else dimensions half of the rotated part apart.</summary>
    public bool Neighbours;

    /// <summary>ALiBi's.</summary>
    public double[]? Slopes;

    /// <summary>A table of positions that is added, and the row of position 0.</summary>
    public double[]? Positions;

    public int PositionOffset;

    /// <summary>Logits of every token.</summary>
    public double[][] Forward(int[] ids)
    {
        int width = Embedding.Length / Vocabulary;
        double[][] x = Array.ConvertAll(ids, id => Embedding.AsSpan(id * width, width).ToArray().Select(value => value * EmbeddingScale).ToArray());
        if (ProjectIn is not null) x = ProjectIn.Apply(x);
        int hidden = x[0].Length;
        if (Positions is not null) x = Add(x, [.. ids.Select((_, i) => Positions.AsSpan((i + PositionOffset) * hidden, hidden).ToArray())]);
        if (EmbeddingNorm is not null) x = EmbeddingNorm.Apply(x);
        double[] frequencies = Frequencies(ids.Length);
        foreach (PlainLayer layer in Layers) x = Block(layer, x, frequencies);
        if (Norm is not null) x = Norm.Apply(x);
        if (ProjectOut is not null) x = ProjectOut.Apply(x);
        double[][] logits = Head.Apply(x);
        return LogitCap > 0 ? Map(logits, value => LogitCap * Math.Tanh(value / LogitCap)) : logits;
    }

    private double[][] Block(PlainLayer layer, double[][] x, double[] frequencies)
    {
        PlainNorm[] norms = layer.Norms;
        switch (Order)
        {
            case PlainOrder.Parallel:
                return Add(Add(x, Attention(layer, norms[0].Apply(x), frequencies)), Mlp(layer, norms[^1].Apply(x)));
            case PlainOrder.PostNorm:
                double[][] a = norms[0].Apply(Add(x, Attention(layer, x, frequencies)));
                return norms[1].Apply(Add(a, Mlp(layer, a)));
            case PlainOrder.Sandwich:
                double[][] s = Add(x, norms[1].Apply(Attention(layer, norms[0].Apply(x), frequencies)));
                return Add(s, norms[3].Apply(Mlp(layer, norms[2].Apply(s))));
            default:
                double[][] h = Add(x, Attention(layer, norms[0].Apply(x), frequencies));
                return Add(h, Mlp(layer, norms[1].Apply(h)));
        }
    }

    private double[][] Mlp(PlainLayer layer, double[][] x)
    {
        double[][] h = layer.Gate is null ? Map(layer.Up.Apply(x), Activation) : Multiply(Map(layer.Gate.Apply(x), Activation), layer.Up.Apply(x));
        return layer.Down.Apply(h);
    }

    private double[][] Attention(PlainLayer layer, double[][] x, double[] frequencies)
    {
        double[][] q = Turn(Normed(layer.Query.Apply(x), layer.QueryNorm), frequencies), k = Turn(Normed(layer.Key.Apply(x), layer.KeyNorm), frequencies);
        double[][] y = Attend(q, k, layer.Value.Apply(x), Heads, KvHeads, Scale > 0 ? Scale : 1 / Math.Sqrt(HeadDim), (score, head, i, j) =>
        {
            if (j > i || (layer.Window > 0 && i - j >= layer.Window)) return double.NaN;
            if (SoftCap > 0) score = SoftCap * Math.Tanh(score / SoftCap);
            return score + (Slopes?[head] ?? 0) * (j - i);
        });
        return layer.Output.Apply(y);
    }

    private double[][] Normed(double[][] rows, PlainNorm? norm)
        => norm is null ? rows : Array.ConvertAll(rows, row => row.Chunk(HeadDim).SelectMany((head, i) => norm.Apply(head, norm.Weight.Length > HeadDim ? i * HeadDim : 0)).ToArray());

    private double[][] Turn(double[][] rows, double[] frequencies)
    {
        int pairs = frequencies.Length;
        return [.. rows.Select((row, position) => row.Chunk(HeadDim).SelectMany(head =>
        {
            double[] turned = [.. head];
            for (int j = 0; j < pairs; j++)
            {
                int one = Neighbours ? 2 * j : j, other = Neighbours ? 2 * j + 1 : j + pairs;
                double angle = position * frequencies[j];
                turned[one] = Magnitude * (head[one] * Math.Cos(angle) - head[other] * Math.Sin(angle));
                turned[other] = Magnitude * (head[other] * Math.Cos(angle) + head[one] * Math.Sin(angle));
            }
            return turned;
        }).ToArray())];
    }
}
