namespace MmKernels.Data;

/// <summary>A file that holds tensors, open and mapped.</summary>
internal abstract class TensorFile(MappedFile file) : IDisposable
{
    public string Path => file.Path;

    public long FileBytes => file.Length;

    /// <summary>In the order of their bytes in the file.</summary>
    public abstract IReadOnlyList<CheckpointTensor> Tensors { get; }

    /// <summary>What the file says about itself: keys and values as text.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    protected MappedFile File => file;

    public void Dispose() => file.Dispose();
}
