using MmKernels.Runtime;

namespace MmKernels.Graphs;

/// <summary>
/// A contiguous, row-major array on a device: a weight or state that lives as long as its <see cref="Accelerator"/>, or an intermediate value
/// of one <see cref="Graph"/>, whose memory is planned together with the others'.
/// </summary>
public sealed class Tensor
{
    internal Tensor(DType dtype, Shape shape, TensorMemory memory, long offset = 0, string? name = null)
    {
        DType = dtype;
        Shape = shape;
        Memory = memory;
        Offset = offset;
        Name = name;
    }

    /// <summary>A tensor that says its type and shape but has no content: what a model is built from when its weights are only to be listed. No graph can use it.</summary>
    public static Tensor Declare(DType dtype, Shape shape, string? name = null) => new(dtype, shape, new TensorMemory(shape.Elements * dtype.Bytes()), 0, name);

    public DType DType { get; }

    public Shape Shape { get; }

    /// <summary>A weight's name in the checkpoint, or a stage's name; null where nobody gave one.</summary>
    public string? Name { get; internal set; }

    /// <summary>Bytes of all elements.</summary>
    public long Bytes => Shape.Elements * DType.Bytes();

    /// <summary>True for weights, inputs and state: they outlive a graph and are shared between graphs.</summary>
    public bool IsPersistent => Memory.Graph is null;

    internal TensorMemory Memory { get; }

    /// <summary>Byte offset in <see cref="Memory"/>.</summary>
    internal long Offset { get; }

    internal ulong Address => Memory.Address + (ulong)Offset;

    /// <summary>The same elements in another shape.</summary>
    public Tensor Reshape(params ReadOnlySpan<int> dims)
    {
        var shape = new Shape(dims);
        return shape.Elements == Shape.Elements ? new Tensor(DType, shape, Memory, Offset, Name) : throw GraphErrors.BadReshape(this, shape);
    }

    /// <summary>Rows <paramref name="start"/> to start + count - 1 of the outermost dimension, in place.</summary>
    public Tensor Rows(int start, int count)
    {
        if (Shape.Rank == 0 || start < 0 || count < 0 || start > Shape[0] - count) throw GraphErrors.BadSlice(this, start, count);
        int[] dims = Shape.Dims.ToArray();
        long rowBytes = dims[0] == 0 ? 0 : Bytes / dims[0];
        dims[0] = count;
        return new Tensor(DType, new Shape(dims), Memory, Offset + start * rowBytes, Name);
    }

    /// <summary>For example <c>llm.norm F32 [24, 48]</c>.</summary>
    public override string ToString() => Name is null ? $"{DType} {Shape}" : $"{Name} {DType} {Shape}";
}

/// <summary>Where a tensor's bytes are. Tensors that are views of each other share it.</summary>
internal sealed class TensorMemory
{
    /// <summary>Memory of its own, which lives as long as the accelerator.</summary>
    public TensorMemory(DeviceBuffer buffer)
    {
        Buffer = buffer;
        Bytes = buffer.Bytes;
    }

    /// <summary>No memory at all.</summary>
    public TensorMemory(long bytes) => Bytes = bytes;

    /// <summary>Memory that the plan of a graph will place.</summary>
    public TensorMemory(Graph graph, long bytes)
    {
        Graph = graph;
        Bytes = bytes;
    }

    public Graph? Graph { get; }

    public long Bytes { get; }

    public DeviceBuffer? Buffer { get; set; }

    /// <summary>Byte offset in <see cref="Buffer"/>.</summary>
    public long BufferOffset { get; set; }

    /// <summary>The name of the stage that a graph writes into it, for traces.</summary>
    public string? Stage { get; set; }

    /// <summary>Index of the launch that first writes it; -1 before that.</summary>
    public int FirstUse { get; set; } = -1;

    /// <summary>Index of the last launch that uses it; int.MaxValue where it is kept.</summary>
    public int LastUse { get; set; } = -1;

    public ulong Address => (Buffer?.Address ?? 0) + (ulong)BufferOffset;
}
