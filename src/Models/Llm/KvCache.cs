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
    private readonly BlockPositions? blocks;
    private readonly int[] position;
    private int maskRow;
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
        blocks = spec.Blocks;
        position = new int[blocks is null ? 1 : 2];
        Position = memory.Allocate(DType.I32, new Shape(position.Length), "cache.position");
        if (spec.Encoder is not null) Memory = new EncoderMemory(accelerator, memory, spec, capacity);
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

    /// <summary>What an encoder made of the prompt; null in models without one.</summary>
    public EncoderMemory? Memory { get; }

    /// <summary>I32 [1]: tokens held, which is where the next one goes.</summary>
    public Tensor Length { get; }

    /// <summary>I32 [1], or [2] where positions have two axes: the next token's position, as rotary positions count.</summary>
    public Tensor Position { get; }

    /// <summary>F32 [dims / 2]: how fast each pair of dimensions turns; null without rotary positions.</summary>
    public Tensor? Frequencies { get; }

    /// <summary>The first tokens of the conversation that every token sees, wherever it is.</summary>
    public int Prefix { get; private set; }

    /// <summary>The positions of tokens that follow those held, I32 [tokens] or [2, tokens]; the first tokens of a conversation decide what its prefix is.</summary>
    public int[] Positions(ReadOnlySpan<int> ids, int held)
    {
        if (blocks is not null && held == 0) (Prefix, maskRow) = (blocks.Context(ids), blocks.MaskRow(ids));
        var positions = new int[position.Length * ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            At(held + i);
            for (int axis = 0; axis < position.Length; axis++) positions[axis * ids.Length + i] = position[axis];
        }
        return positions;
    }

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
        At(tokens);
        accelerator.Write<int>(Position, position);
    }

    /// <summary>Takes over the first tokens of a smaller cache.</summary>
    public void CopyFrom(KvCache smaller, int tokens)
    {
        for (int layer = 0; tokens > 0 && layer < keys.Length; layer++)
        {
            accelerator.Copy(smaller.keys[layer].Rows(0, tokens), keys[layer].Rows(0, tokens));
            accelerator.Copy(smaller.values[layer].Rows(0, tokens), values[layer].Rows(0, tokens));
        }
        (Prefix, maskRow) = (smaller.Prefix, smaller.maskRow);
        if (Memory is not null) Memory.CopyFrom(smaller.Memory!);
        SetLength(tokens);
        if (rotaryLength == smaller.rotaryLength || Frequencies is null) return;
        rotaryLength = smaller.rotaryLength;
        accelerator.Copy(smaller.Frequencies!, Frequencies);
    }

    /// <summary>Puts the position of a row into <see cref="position"/>.</summary>
    private void At(int row)
    {
        bool context = blocks is null || row < Prefix;
        position[0] = context ? row : maskRow;
        if (position.Length == 2) position[1] = context ? 0 : row - Prefix + 1;
    }

    public void Dispose() => memory.Dispose();
}
