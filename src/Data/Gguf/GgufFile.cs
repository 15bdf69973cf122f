namespace MmKernels.Data;

/// <summary>One GGUF file, mapped.</summary>
internal sealed class GgufFile : TensorFile
{
    private readonly CheckpointTensor[] tensors;

    private GgufFile(MappedFile file, GgufHeader header)
        : base(file)
    {
        tensors = new CheckpointTensor[header.Tensors.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            GgufTensorInfo info = header.Tensors[i];
            tensors[i] = new CheckpointTensor(file, info.Name, info.Format, info.Dims, header.DataStart + (long)info.Offset, (long)info.Bytes);
        }
        Keys = header.Keys;
        Metadata = header.Keys.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
    }

    public override IReadOnlyList<CheckpointTensor> Tensors => tensors;

    public override IReadOnlyDictionary<string, string> Metadata { get; }

    public IReadOnlyDictionary<string, GgufValue> Keys { get; }

    /// <exception cref="MmkException">MMK400, MMK416, MMK417.</exception>
    public static unsafe GgufFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            int start = (int)Math.Min(file.Length, GgufHeader.MaxBytes);
            return new GgufFile(file, GgufHeader.Parse(new ReadOnlySpan<byte>(file.Start, start), file.Length, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
