namespace MmKernels.Graphs;

/// <summary>Tensors that are freed together: the inputs and results of one run.</summary>
public sealed class TensorScope : IDisposable
{
    private readonly Accelerator accelerator;
    private readonly List<Tensor> tensors = [];

    internal TensorScope(Accelerator accelerator) => this.accelerator = accelerator;

    /// <summary>A tensor with undefined content.</summary>
    public Tensor Allocate(DType dtype, Shape shape, string? name = null)
    {
        Tensor tensor = accelerator.Allocate(dtype, shape, name);
        tensors.Add(tensor);
        return tensor;
    }

    /// <summary>A tensor with this content.</summary>
    public Tensor Upload<T>(DType dtype, Shape shape, ReadOnlySpan<T> content, string? name = null) where T : unmanaged
    {
        Tensor tensor = Allocate(dtype, shape, name);
        accelerator.Write(tensor, content);
        return tensor;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in tensors) accelerator.Free(tensor);
        tensors.Clear();
    }
}
