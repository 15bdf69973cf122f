using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>
/// Keys and values of the tokens that a conversation, or several side by side, have so far, and on the device how many they are, so that one recorded graph
/// serves every token.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly Accelerator accelerator;
    private readonly LlmSpec spec;
    private readonly TensorScope? memory;     // null where another cache owns it
    private readonly Tensor[] keys, values;
    private readonly int[] written;
    private readonly BlockPositions? blocks;
    private readonly int[] position;
    private int maskRow;
    private readonly RotarySpec? rotary;
    private readonly float[] frequencies = [];
    private int rotaryLength = -1;

    /// <summary>An empty cache.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="spec">The model.</param>
    /// <param name="capacity">Tokens that a sequence can have.</param>
    /// <param name="sequences">Conversations side by side; more than one of plain positions (<see cref="LlmSpec.Blocks"/>) and without an encoder.</param>
    public KvCache(Accelerator accelerator, LlmSpec spec, int capacity, int sequences = 1)
        : this(accelerator, spec, capacity, sequences, accelerator.OpenScope())
    {
        int width = spec.Attention.KvHeads * spec.Attention.HeadDim;
        Shape shape = sequences == 1 ? new Shape(capacity, width) : new Shape(sequences, capacity, width);
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            keys[layer] = memory!.Allocate(DType.F32, shape, $"cache.{layer}.keys");
            values[layer] = memory.Allocate(DType.F32, shape, $"cache.{layer}.values");
        }
        Length = memory!.Allocate(DType.I32, new Shape(sequences), "cache.length");
        Position = memory.Allocate(DType.I32, new Shape(position.Length), "cache.position");
        if (spec.Encoder is not null) Memory = new EncoderMemory(accelerator, memory, spec, capacity);
        if (rotary is not null) Frequencies = memory.Allocate(DType.F32, new Shape(frequencies.Length), "rotary.frequencies");
        Begin(0, 0);
    }

    /// <summary>What all caches have in common; the tensors follow.</summary>
    private KvCache(Accelerator accelerator, LlmSpec spec, int capacity, int sequences, TensorScope? memory)
    {
        (this.accelerator, this.spec, this.memory, Capacity, Sequences) = (accelerator, spec, memory, capacity, sequences);
        keys = new Tensor[spec.Layers];
        values = new Tensor[spec.Layers];
        written = new int[sequences];
        blocks = spec.Blocks;
        position = new int[blocks is null ? sequences : 2];
        rotary = spec.Attention.Rotary;
        if (rotary is not null) frequencies = new float[rotary.Dims / 2];
        Length = Position = null!;
    }

    /// <summary>Some of the sequences, neighbours of each other, as a cache of their own that lives in this one's memory.</summary>
    public KvCache Part(int first, int count)
    {
        if (Sequences == 1) return this;
        var part = new KvCache(accelerator, spec, Capacity, count, null) { Length = Length.Rows(first, count), Position = Position.Rows(first, count), Frequencies = Frequencies };
        for (int layer = 0; layer < keys.Length; layer++)
        {
            (part.keys[layer], part.values[layer]) = (keys[layer].Rows(first, count), values[layer].Rows(first, count));
            if (count > 1) continue;
            part.keys[layer] = part.keys[layer].Reshape(Capacity, keys[layer].Shape[^1]);
            part.values[layer] = part.values[layer].Reshape(Capacity, keys[layer].Shape[^1]);
        }
        return part;
    }

    /// <summary>Tokens that a sequence can have.</summary>
    public int Capacity { get; }

    /// <summary>Conversations side by side.</summary>
    public int Sequences { get; }

    /// <summary>What an encoder made of the prompt; null in models without one.</summary>
    public EncoderMemory? Memory { get; }

    /// <summary>I32 [sequences]: tokens held, which is where the next one goes.</summary>
    public Tensor Length { get; private init; }

    /// <summary>I32 [sequences], or [2] where positions have two axes: the next token's position, as rotary positions count.</summary>
    public Tensor Position { get; private init; }

    /// <summary>F32 [dims / 2]: how fast each pair of dimensions turns; null without rotary positions.</summary>
    public Tensor? Frequencies { get; private init; }

    /// <summary>The first tokens of the conversation that every token sees, wherever it is.</summary>
    public int Prefix { get; private set; }

    /// <summary>The positions of tokens that follow those held, I32 [tokens] or [2, tokens]; the first tokens of a conversation decide what its prefix is.</summary>
    public int[] Positions(ReadOnlySpan<int> ids, int held)
    {
        if (blocks is not null && held == 0) (Prefix, maskRow) = (blocks.Context(ids), blocks.MaskRow(ids));
        int axes = blocks is null ? 1 : 2;
        var positions = new int[axes * ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            At(held + i);
            for (int axis = 0; axis < axes; axis++) positions[axis * ids.Length + i] = position[axis];
        }
        return positions;
    }

    /// <summary>[capacity, kvHeads · headDim], of several sequences [sequences, capacity, kvHeads · headDim].</summary>
    public Tensor Keys(int layer) => keys[layer];

    /// <summary>Like <see cref="Keys"/>.</summary>
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

    /// <summary>Says from the host how many tokens every sequence of the cache holds; those beyond are forgotten.</summary>
    public void SetLength(int tokens)
    {
        written.AsSpan().Fill(tokens);
        accelerator.Write<int>(Length, written);
        At(tokens);
        accelerator.Write<int>(Position, position);
    }

    /// <summary>Takes over the first tokens of another cache of one sequence.</summary>
    public void CopyFrom(KvCache other, int tokens)
    {
        for (int layer = 0; tokens > 0 && layer < keys.Length; layer++)
        {
            accelerator.Copy(other.keys[layer].Rows(0, tokens), keys[layer].Rows(0, tokens));
            accelerator.Copy(other.values[layer].Rows(0, tokens), values[layer].Rows(0, tokens));
        }
        (Prefix, maskRow) = (other.Prefix, other.maskRow);
        if (Memory is not null) Memory.CopyFrom(other.Memory!);
        SetLength(tokens);
        if (rotaryLength == other.rotaryLength || Frequencies is null) return;
        rotaryLength = other.rotaryLength;
        accelerator.Copy(other.Frequencies!, Frequencies);
    }

    /// <summary>Puts the position of a row into <see cref="position"/>.</summary>
    private void At(int row)
    {
        bool context = blocks is null || row < Prefix;
        position.AsSpan().Fill(context ? row : maskRow);
        if (blocks is not null) position[1] = context ? 0 : row - Prefix + 1;
    }

    public void Dispose() => memory?.Dispose();
}
