using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>Keys and values of an encoder's states for every block of the decoder, and on the device how many they are.</summary>
public sealed class EncoderMemory
{
    private readonly Accelerator accelerator;
    private readonly Tensor[] keys, values;
    private int rows;

    /// <summary>An empty memory.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="memory">Who owns it.</param>
    /// <param name="spec">The model.</param>
    /// <param name="capacity">States that it has room for.</param>
    internal EncoderMemory(Accelerator accelerator, TensorScope memory, LlmSpec spec, int capacity)
    {
        this.accelerator = accelerator;
        var shape = new Shape(capacity, spec.Attention.KvHeads * spec.Attention.HeadDim);
        keys = [.. Enumerable.Range(0, spec.Layers).Select(layer => memory.Allocate(DType.F32, shape, $"memory.{layer}.keys"))];
        values = [.. Enumerable.Range(0, spec.Layers).Select(layer => memory.Allocate(DType.F32, shape, $"memory.{layer}.values"))];
        Rows = memory.Allocate(DType.I32, new Shape(1), "memory.rows");
        Last = memory.Allocate(DType.I32, new Shape(1), "memory.last");
        SetRows(0);
    }

    /// <summary>I32 [1]: states held.</summary>
    public Tensor Rows { get; }

    /// <summary>I32 [1]: the index of the last of them.</summary>
    public Tensor Last { get; }

    /// <summary>[capacity, kvHeads · headDim].</summary>
    public Tensor Keys(int layer) => keys[layer];

    /// <summary>[capacity, kvHeads · headDim].</summary>
    public Tensor Values(int layer) => values[layer];

    /// <summary>Says from the host how many states it holds.</summary>
    internal void SetRows(int count)
    {
        rows = count;
        accelerator.Write<int>(Rows, [count]);
        accelerator.Write<int>(Last, [count - 1]);
    }

    /// <summary>Takes over all of a smaller memory.</summary>
    internal void CopyFrom(EncoderMemory smaller)
    {
        for (int layer = 0; smaller.rows > 0 && layer < keys.Length; layer++)
        {
            accelerator.Copy(smaller.keys[layer].Rows(0, smaller.rows), keys[layer].Rows(0, smaller.rows));
            accelerator.Copy(smaller.values[layer].Rows(0, smaller.rows), values[layer].Rows(0, smaller.rows));
        }
        SetRows(smaller.rows);
    }
}
