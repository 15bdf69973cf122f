namespace MmKernels.Data;

/// <summary>
/// The weights of a model, open for reading: one file, or shards under an index. Opening reads headers only; a tensor's bytes are paged in when they are touched.
/// Closing it ends the life of every tensor taken from it.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly List<TensorFile> files;
    private readonly Dictionary<string, CheckpointTensor> byName;
    private readonly List<CheckpointTensor> tensors;

    private Checkpoint(string source, List<TensorFile> files, List<CheckpointTensor> tensors, List<string> notes)
    {
        (Source, this.files, this.tensors, Notes) = (source, files, tensors, notes);
        byName = new Dictionary<string, CheckpointTensor>(tensors.Count, StringComparer.Ordinal);
        foreach (CheckpointTensor tensor in tensors) byName.Add(tensor.Name, tensor);
    }

    /// <summary>The file that was opened: the only one, or the index.</summary>
    public string Source { get; }

    /// <summary>All tensors, in the order of the files and of their bytes in them.</summary>
    public IReadOnlyList<CheckpointTensor> Tensors => tensors;

    /// <summary>The names of all tensors, in the order of <see cref="Tensors"/>.</summary>
    public IEnumerable<string> Names => tensors.Select(tensor => tensor.Name);

    /// <summary>The files that hold the tensors.</summary>
    public IEnumerable<string> FilePaths => files.Select(file => file.Path);

    /// <summary>What is odd about the checkpoint but does not keep it from being used, for people.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>What the first file says about itself: keys and values as text.</summary>
    public IReadOnlyDictionary<string, string> Metadata => files.Count > 0 ? files[0].Metadata : new Dictionary<string, string>();

    /// <summary>The typed keys of a GGUF file; empty for all other files.</summary>
    public IReadOnlyDictionary<string, GgufValue> GgufKeys => files.Count > 0 && files[0] is GgufFile gguf ? gguf.Keys : new Dictionary<string, GgufValue>();

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="MmkException">MMK408: no such tensor; the error lists the nearest names.</exception>
    public CheckpointTensor this[string name] => byName.TryGetValue(name, out CheckpointTensor? tensor) ? tensor
        : throw DataErrors.TensorMissing(Source, name, NearestNames.Find(name, Names));

    /// <summary>The tensor of that name, or null.</summary>
    public CheckpointTensor? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>
    /// Opens a checkpoint folder (model.safetensors, else its index, else the only weights there, in one file or in numbered parts), a shard index, or one file.
    /// </summary>
    /// <exception cref="MmkException">MMK400 unreadable, MMK403 to MMK405 an invalid file, MMK406 an invalid index, MMK407 no weights found or several to choose from, MMK416 and MMK417 an invalid GGUF file.</exception>
    public static Checkpoint Open(string path)
    {
        var notes = new List<string>();
        string source = CheckpointFolder.FindWeights(path, notes);
        if (source.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase)) return OpenShards(source, notes);
        return OpenParts(source, NumberedParts.Of(source, path), notes);
    }

    public void Dispose()
    {
        foreach (TensorFile file in files) file.Dispose();
    }

    /// <summary>One file, or the parts of one that was split without an index: together they hold each tensor once.</summary>
    private static Checkpoint OpenParts(string source, IReadOnlyList<string> paths, List<string> notes)
    {
        var files = new List<TensorFile>();
        try
        {
            var tensors = new List<CheckpointTensor>();
            var homes = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (string path in paths)
            {
                TensorFile file = OpenTensors(path);
                files.Add(file);
                foreach (CheckpointTensor tensor in file.Tensors)
                {
                    if (!homes.TryAdd(tensor.Name, path)) throw DataErrors.TensorTwice(path, tensor.Name, homes[tensor.Name]);
                    tensors.Add(tensor);
                }
            }
            return new Checkpoint(source, files, tensors, notes);
        }
        catch
        {
            foreach (TensorFile file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>One file that holds tensors, by its ending.</summary>
    internal static TensorFile OpenTensors(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? GgufFile.Open(path) : SafetensorsFile.Open(path);

    private static Checkpoint OpenShards(string indexPath, List<string> notes)
    {
        ShardIndex index = ShardIndex.Open(indexPath);
        string folder = Path.GetDirectoryName(Path.GetFullPath(indexPath))!;
        var files = new List<TensorFile>();
        try
        {
            var tensors = new List<CheckpointTensor>(index.WeightMap.Count);
            foreach (string shard in index.WeightMap.Values.Distinct().Order(StringComparer.Ordinal))
            {
                string shardPath = Path.Combine(folder, shard);
                if (!File.Exists(shardPath)) throw DataErrors.ShardIndex(indexPath, $"the shard {DataErrors.Quote(shard)} is missing");
                TensorFile file = OpenTensors(shardPath);
                files.Add(file);
                TakeTensors(index, shard, file, tensors, notes);
            }
            CheckComplete(index, tensors, notes);
            return new Checkpoint(indexPath, files, tensors, notes);
        }
        catch
        {
            foreach (TensorFile file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>The index decides which tensors of a shard count.</summary>
    private static void TakeTensors(ShardIndex index, string shard, TensorFile file, List<CheckpointTensor> tensors, List<string> notes)
    {
        int unnamed = 0;
        foreach (CheckpointTensor tensor in file.Tensors)
        {
            if (index.WeightMap.TryGetValue(tensor.Name, out string? home) && home == shard) tensors.Add(tensor);
            else unnamed++;
        }
        if (unnamed > 0) notes.Add($"{DataErrors.Show(shard)} holds {unnamed} tensors that the index does not place there; they are ignored");
    }

    private static void CheckComplete(ShardIndex index, List<CheckpointTensor> tensors, List<string> notes)
    {
        if (tensors.Count < index.WeightMap.Count)
        {
            var found = tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
            (string name, string shard) = index.WeightMap.First(pair => !found.Contains(pair.Key));
            throw DataErrors.ShardIndex(index.Path, $"the shard {DataErrors.Quote(shard)} lacks the tensor {DataErrors.Quote(name)} ({index.WeightMap.Count - tensors.Count} missing in all)");
        }
        long bytes = 0;
        foreach (CheckpointTensor tensor in tensors) bytes += tensor.Bytes;
        if (index.TotalBytes is { } total && total != bytes) notes.Add($"the index says total_size {total}, the tensors have {bytes} bytes");
    }
}
