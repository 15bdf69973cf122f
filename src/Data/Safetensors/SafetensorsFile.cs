namespace MmKernels.Data;

/// <summary>One safetensors file, mapped; see <see cref="SafetensorsHeader"/> for what is accepted.</summary>
internal sealed class SafetensorsFile : TensorFile
{
    private readonly CheckpointTensor[] tensors;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
        : base(file)
    {
        tensors = new CheckpointTensor[header.Entries.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            SafetensorsEntry entry = header.Entries[i];
            tensors[i] = new CheckpointTensor(file, entry.Name, entry.Format, entry.Dims, header.DataStart + (long)entry.Begin, (long)(entry.End - entry.Begin));
        }
        Metadata = header.Metadata;
    }

    public override IReadOnlyList<CheckpointTensor> Tensors => tensors;

    public override IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="MmkException">MMK400, MMK403, MMK404, MMK405.</exception>
    public static unsafe SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            int start = (int)Math.Min(file.Length, 8 + (long)SafetensorsHeader.MaxHeaderBytes);
            return new SafetensorsFile(file, SafetensorsHeader.Parse(new ReadOnlySpan<byte>(file.Start, start), file.Length, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
