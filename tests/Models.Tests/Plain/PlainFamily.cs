using System.Text.Json.Nodes;

namespace MmKernels.Tests.Plain;

/// <summary>A config as the hub has it, with the reference that it means; the weights' file is written beside it.</summary>
internal sealed record PlainModel(JsonObject Config, PlainDecoder Decoder);

/// <summary>Random sizes: what published models have and what none has.</summary>
internal sealed class PlainSizes
{
    private static readonly int[] HeadDims = [6, 10, 16, 20, 24, 32, 40, 64, 72, 80, 96, 112, 128, 160, 192, 256];

    private readonly Random random;

    public PlainSizes(Random random)
    {
        this.random = random;
        HeadDim = Pick(HeadDims);
        Heads = random.Next(1, HeadDim > 100 ? 4 : 7);
        KvHeads = Pick([.. Enumerable.Range(1, Heads).Where(count => Heads % count == 0)]);
        Layers = random.Next(1, 4);
        Vocabulary = random.Next(17, 140) | 1;
        Intermediate = random.Next(9, 160);
    }

    public int HeadDim { get; }

    public int Heads { get; }

    public int KvHeads { get; }

    public int Layers { get; }

    public int Vocabulary { get; }

    public int Intermediate { get; }

    /// <summary>The width of models whose heads share it out.</summary>
    public int Width => Heads * HeadDim;

    /// <summary>A share of each head that turns, and its dimensions: rounded down as everywhere, and even.</summary>
    public (double Share, int Dims) Rotated()
    {
        double[] shares = [.. new[] { 0.25, 0.4, 0.5, 0.75, 1.0 }.Where(share => (int)(HeadDim * share) is >= 2 and var dims && dims % 2 == 0)];
        double chosen = Pick(shares);
        return (chosen, (int)(HeadDim * chosen));
    }

    public bool Coin => random.Next(2) == 0;

    public int Between(int least, int most) => random.Next(least, most + 1);

    public T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];
}

/// <summary>What builders of families share.</summary>
internal static class PlainParts
{
    public static T[] Layers<T>(PlainSizes sizes, Func<int, T> layer) => [.. Enumerable.Range(0, sizes.Layers).Select(layer)];

    /// <summary>theta^(-2 j / dims), plain or scaled.</summary>
    public static Func<int, double[]> Frequencies(double theta, int dims, Func<double, double>? scaled = null)
        => _ => [.. Enumerable.Range(0, dims / 2).Select(j => Math.Pow(theta, -2.0 * j / dims)).Select(frequency => scaled?.Invoke(frequency) ?? frequency)];

    /// <summary>The head: the embedding or a map of its own.</summary>
    public static PlainLinear Head(PlainWeights w, string name, double[] embedding, int width, int vocabulary, bool tied, bool bias = false)
        => tied ? new PlainLinear(embedding, null, width) : w.Linear(name, width, vocabulary, bias);

    public static double[] Embedding(PlainWeights w, string name, int vocabulary, int width) => w.New($"{name}.weight", 1, 0, vocabulary, width);

    /// <summary>Queries, keys and values in one weight: of every head of keys its queries' heads, itself, its values.</summary>
    public static void FusePerHead(PlainWeights w, string name, PlainLinear q, PlainLinear k, PlainLinear v, PlainSizes sizes, int kvHeads)
    {
        int dim = sizes.HeadDim, group = sizes.Heads / kvHeads * dim;
        w.Fuse(name, Enumerable.Range(0, kvHeads).SelectMany(head => new[] { (q, head * group, group), (k, head * dim, dim), (v, head * dim, dim) }));
    }

    public static (PlainLinear Q, PlainLinear K, PlainLinear V) Loose(PlainWeights w, PlainSizes sizes, int hidden, int kvHeads, bool bias)
        => (w.Loose(hidden, sizes.Width, bias), w.Loose(hidden, kvHeads * sizes.HeadDim, bias), w.Loose(hidden, kvHeads * sizes.HeadDim, bias));
}
