using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>
/// Keys and values of the tokens that a conversation has so far, and on the device how many they are, so that one recorded graph serves every token.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly Accelerator accelerator;
    private readonly TensorScope memory;
    private readonly Tensor[] keys, values;
    private readonly int[] written = new int[1];
    private readonly RotarySpec? rotary;
    private readonly float[] frequencies = [];
    private int rotaryLength = -1;

    /// <summary>An empty cache.</summary>
    public KvCache(Accelerator accelerator, LlmSpec spec, int capacity)
    {
        this.accelerator = accelerator;
        memory = accelerator.OpenScope();
        Capacity = capacity;
        var shape = new Shape(capacity, spec.Attention.KvHeads * spec.Attention.HeadDim);
        keys = new Tensor[spec.Layers];
        values = new Tensor[spec.Layers];
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            keys[layer] = memory.Allocate(DType.F32, shape, $"cache.{layer}.keys");
            values[layer] = memory.Allocate(DType.F32, shape, $"cache.{layer}.values");
        }
        Length = memory.Allocate(DType.I32, new Shape(1), "cache.length");
        Position = memory.Allocate(DType.I32, new Shape(1), "cache.position");
        rotary = spec.Attention.Rotary;
        if (rotary is not null)
        {
            frequencies = new float[rotary.Dims / 2];
            Frequencies = memory.Allocate(DType.F32, new Shape(frequencies.Length), "rotary.frequencies");
        }
        Begin(0, 0);
    }

    /// <summary>Tokens that it can hold.</summary>
    public int Capacity { get; }

    /// <summary>I32 [1]: tokens held, which is where the next one goes.</summary>
    public Tensor Length { get; }

    /// <summary>I32 [1]: the next token's position, as rotary positions count.</summary>
    public Tensor Position { get; }

    /// <summary>F32 [dims / 2]: how fast each pair of dimensions turns; null without rotary positions.</summary>
    public Tensor? Frequencies { get; }

    /// <summary>The first tokens of the conversation that every token sees, wherever it is.</summary>
    public int Prefix { get; set; }

    /// <summary>[capacity, kvHeads · headDim].</summary>
    public Tensor Keys(int layer) => keys[layer];

    /// <summary>[capacity, kvHeads · headDim].</summary>
    public Tensor Values(int layer) => values[layer];

    /// <summary>Says from the host how many tokens the cache holds and how many come now, which scaled rotary positions depend on.</summary>
    public void Begin(int held, int tokens)
    {
        SetLength(held);
        Reach(held, tokens);
    }

    /// <summary>Says how many tokens come behind those held; writes the rotary frequencies where that changes them.</summary>
    public void Reach(int held, int tokens)
    {
        if (rotary is null) return;
        int length = rotary.Scaling?.Length(held, tokens, Math.Max(rotaryLength, 0)) ?? 0;
        if (length == rotaryLength) return;
        rotaryLength = length;
        rotary.Frequencies(frequencies, length);
        accelerator.Write<float>(Frequencies!, frequencies);
    }

    /// <summary>Says from the host how many tokens the cache holds; those beyond are forgotten.</summary>
    public void SetLength(int tokens)
    {
        written[0] = tokens;
        accelerator.Write<int>(Length, written);
        accelerator.Write<int>(Position, written);
    }

    /// <summary>Takes over the first tokens of a smaller cache.</summary>
    public void CopyFrom(KvCache smaller, int tokens)
    {
        for (int layer = 0; tokens > 0 && layer < keys.Length; layer++)
        {
            accelerator.Copy(smaller.keys[layer].Rows(0, tokens), keys[layer].Rows(0, tokens));
            accelerator.Copy(smaller.values[layer].Rows(0, tokens), values[layer].Rows(0, tokens));
        }
        SetLength(tokens);
        Prefix = smaller.Prefix;
        if (rotaryLength == smaller.rotaryLength || Frequencies is null) return;
        rotaryLength = smaller.rotaryLength;
        accelerator.Copy(smaller.Frequencies!, Frequencies);
    }

    public void Dispose() => memory.Dispose();
}
