using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>
/// Keys and values of the tokens that a conversation has so far, and on the device how many they are, so that one recorded graph serves every token.
/// </summary>
public sealed class KvCache
{
    private readonly Accelerator accelerator;
    private readonly Tensor[] keys, values;
    private readonly int[] written = new int[1];

    /// <summary>An empty cache, whose memory a scope owns.</summary>
    public KvCache(Accelerator accelerator, TensorScope owner, LlmSpec spec, int capacity)
    {
        this.accelerator = accelerator;
        Capacity = capacity;
        int width = spec.Attention.KvHeads * spec.Attention.HeadDim;
        keys = new Tensor[spec.Layers];
        values = new Tensor[spec.Layers];
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            keys[layer] = owner.Allocate(DType.F32, new Shape(capacity, width), $"cache.{layer}.keys");
            values[layer] = owner.Allocate(DType.F32, new Shape(capacity, width), $"cache.{layer}.values");
        }
        Length = owner.Allocate(DType.I32, new Shape(1), "cache.length");
        Position = owner.Allocate(DType.I32, new Shape(1), "cache.position");
        SetLength(0);
    }

    /// <summary>Tokens that it can hold.</summary>
    public int Capacity { get; }

    /// <summary>I32 [1]: tokens held, which is where the next one goes.</summary>
    public Tensor Length { get; }

    /// <summary>I32 [1]: the next token's position, as rotary positions count.</summary>
    public Tensor Position { get; }

    /// <summary>[capacity, kvHeads · headDim].</summary>
    public Tensor Keys(int layer) => keys[layer];

    /// <summary>[capacity, kvHeads · headDim].</summary>
    public Tensor Values(int layer) => values[layer];

    /// <summary>Says from the host how many tokens the cache holds; those beyond are forgotten.</summary>
    public void SetLength(int tokens)
    {
        written[0] = tokens;
        accelerator.Write<int>(Length, written);
        accelerator.Write<int>(Position, written);
    }
}
