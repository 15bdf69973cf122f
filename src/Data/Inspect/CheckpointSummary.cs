using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MmKernels.Data;

/// <summary>
/// What is in a checkpoint, without reading a weight: for people and programs that look into files (<c>mmk inspect</c>).
/// Unlike <see cref="Checkpoint"/> it also answers for an index whose shards are not there.
/// </summary>
/// <param name="Source">The file that describes the checkpoint: the only one, or the index.</param>
/// <param name="Files">In the order of their names.</param>
/// <param name="Tensors">In the order of the files and of their bytes in them.</param>
/// <param name="Formats">Totals per storage format, largest first.</param>
/// <param name="Elements">Elements of all tensors: the number of parameters of a plain checkpoint.</param>
/// <param name="Bytes">Bytes of all tensors.</param>
/// <param name="Notes">What is odd, for people.</param>
public sealed record CheckpointSummary(string Source, IReadOnlyList<FileSummary> Files, IReadOnlyList<TensorSummary> Tensors, IReadOnlyList<FormatSummary> Formats,
    long Elements, long Bytes, IReadOnlyList<string> Notes)
{
    /// <summary>Describes a checkpoint folder, an index or a file.</summary>
    /// <exception cref="MmkException">As <see cref="Checkpoint.Open"/>, but missing shards are noted, not refused.</exception>
    public static CheckpointSummary Of(string path)
    {
        var notes = new List<string>();
        string source = CheckpointFolder.FindWeights(path, notes);
        var files = new List<FileSummary>();
        var tensors = new List<TensorSummary>();
        if (source.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase)) AddShards(source, files, tensors, notes);
        else
        {
            foreach (string part in NumberedParts.Of(source, path)) AddFile(part, Path.GetFileName(part), _ => true, files, tensors);
        }

        FormatSummary[] formats = [.. tensors.GroupBy(tensor => tensor.Format ?? "unknown")
            .Select(group => new FormatSummary(group.Key, group.Count(), Sum(group, tensor => tensor.Elements), Sum(group, tensor => tensor.Bytes))).OrderByDescending(format => format.Bytes)];
        return new CheckpointSummary(source, files, tensors, formats, Sum(tensors, tensor => tensor.Elements), Sum(tensors, tensor => tensor.Bytes), notes);
    }

    /// <summary>The tensors as a tree of the parts of their names.</summary>
    public TensorGroup Tree() => TensorGroup.Of(Tensors);

    /// <summary>Everything as JSON (UTF-8, indented).</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void AddShards(string indexPath, List<FileSummary> files, List<TensorSummary> tensors, List<string> notes)
    {
        ShardIndex index = ShardIndex.Open(indexPath);
        string folder = Path.GetDirectoryName(Path.GetFullPath(indexPath))!;
        int missing = 0;
        foreach (IGrouping<string, KeyValuePair<string, string>> shard in index.WeightMap.GroupBy(pair => pair.Value).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            string shardPath = Path.Combine(folder, shard.Key);
            if (File.Exists(shardPath)) AddFile(shardPath, shard.Key, name => index.WeightMap.GetValueOrDefault(name) == shard.Key, files, tensors);
            else
            {
                missing++;
                files.Add(new FileSummary(shard.Key, false, 0, shard.Count(), new Dictionary<string, string>()));
                foreach ((string name, _) in shard) tensors.Add(new TensorSummary(name, shard.Key, null, null, 0, 0, 0));
            }
        }
        if (missing > 0) notes.Add($"{missing} of {files.Count} shards are missing: the formats and shapes of their tensors are unknown");
        int absent = index.WeightMap.Count - tensors.Count;
        if (absent > 0) notes.Add($"the shards lack {absent} tensors that the index names");
        if (index.TotalBytes is { } total && missing == 0 && total != Sum(tensors, tensor => tensor.Bytes)) notes.Add($"the index says total_size {total}, the tensors have {Sum(tensors, tensor => tensor.Bytes)} bytes");
    }

    private static void AddFile(string path, string name, Func<string, bool> counts, List<FileSummary> files, List<TensorSummary> tensors)
    {
        using TensorFile file = Checkpoint.OpenTensors(path);
        int before = tensors.Count;
        foreach (CheckpointTensor tensor in file.Tensors)
        {
            if (!counts(tensor.Name)) continue;
            tensors.Add(new TensorSummary(tensor.Name, name, tensor.Format.Name(), tensor.Dims, tensor.Elements, tensor.Bytes, tensor.FileOffset));
        }
        files.Add(new FileSummary(name, true, file.FileBytes, tensors.Count - before, file.Metadata));
    }

    /// <summary>Sizes are sizes of files that exist, but a sparse folder may hold many of them: saturates.</summary>
    private static long Sum(IEnumerable<TensorSummary> tensors, Func<TensorSummary, long> value)
    {
        Int128 sum = 0;
        foreach (TensorSummary tensor in tensors) sum += value(tensor);
        return (long)Int128.Min(sum, long.MaxValue);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("source", Source);
        json.WriteNumber("tensors", Tensors.Count);
        json.WriteNumber("elements", Elements);
        json.WriteNumber("bytes", Bytes);
        json.WriteStartArray("notes");
        foreach (string note in Notes) json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteStartArray("formats");
        foreach (FormatSummary format in Formats)
        {
            json.WriteStartObject();
            json.WriteString("format", format.Format);
            json.WriteNumber("tensors", format.Tensors);
            json.WriteNumber("elements", format.Elements);
            json.WriteNumber("bytes", format.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("files");
        foreach (FileSummary file in Files) Write(json, file);
        json.WriteEndArray();
        json.WriteStartObject("weights");
        foreach (TensorSummary tensor in Tensors) Write(json, tensor);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FileSummary file)
    {
        json.WriteStartObject();
        json.WriteString("file", file.Name);
        json.WriteBoolean("present", file.Present);
        json.WriteNumber("bytes", file.Bytes);
        json.WriteNumber("tensors", file.Tensors);
        json.WriteStartObject("metadata");
        foreach ((string key, string value) in file.Metadata) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TensorSummary tensor)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("file", tensor.File);
        if (tensor.Format is not null && tensor.Dims is not null)
        {
            json.WriteString("format", tensor.Format);
            json.WriteStartArray("shape");
            foreach (ulong dim in tensor.Dims) json.WriteNumberValue(dim);
            json.WriteEndArray();
            json.WriteNumber("bytes", tensor.Bytes);
            json.WriteNumber("offset", tensor.Offset);
        }
        json.WriteEndObject();
    }
}
