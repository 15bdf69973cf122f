using System.Text.Json;
using System.Text.Unicode;

namespace MmKernels.Data;

/// <summary>A <c>*.safetensors.index.json</c>: which shard holds which tensor.</summary>
internal sealed class ShardIndex
{
    private const int MaxBytes = 256 << 20;

    private readonly Dictionary<string, string> weightMap = new(StringComparer.Ordinal);

    private ShardIndex(string path) => Path = path;

    public string Path { get; }

    /// <summary>Tensor name to shard file, a path relative to the index that does not leave its folder.</summary>
    public IReadOnlyDictionary<string, string> WeightMap => weightMap;

    /// <summary>metadata.total_size: bytes of all tensors as the writer counted them; null where it says nothing.</summary>
    public long? TotalBytes { get; private set; }

    /// <exception cref="MmkException">MMK400, MMK402, MMK406.</exception>
    public static ShardIndex Open(string path) => Parse(JsonText.ReadFile(path, MaxBytes), path);

    /// <exception cref="MmkException">MMK406.</exception>
    public static ShardIndex Parse(ReadOnlySpan<byte> utf8, string path)
    {
        if (!Utf8.IsValid(utf8)) throw DataErrors.ShardIndex(path, "it is not UTF-8 text");
        var index = new ShardIndex(path);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = JsonText.DefaultMaxDepth });
        try
        {
            index.Read(ref reader);
        }
        catch (JsonException e) { throw DataErrors.ShardIndex(path, $"invalid JSON: {DataErrors.Show(e.Message)}"); }
        catch (InvalidOperationException) { throw DataErrors.ShardIndex(path, $"a string at byte {reader.TokenStartIndex} has an escape that is half a surrogate pair"); }
        return index;
    }

    private void Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw DataErrors.ShardIndex(Path, "it must be an object");
        bool hasMap = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (key == "weight_map")
            {
                if (hasMap) throw DataErrors.ShardIndex(Path, "weight_map is there twice");
                hasMap = true;
                ReadMap(ref reader);
            }
            else if (key == "metadata" && reader.TokenType == JsonTokenType.StartObject) ReadMetadata(ref reader);
            else reader.Skip();
        }
        reader.Read();   // throws where anything but white space follows
        if (!hasMap) throw DataErrors.ShardIndex(Path, "it has no weight_map");
    }

    private void ReadMap(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw DataErrors.ShardIndex(Path, "weight_map must be an object");
        string? last = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string tensor = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw DataErrors.ShardIndex(Path, $"the file of the tensor {DataErrors.Quote(tensor)} must be a string");
            // Neighbours share a shard: one string object serves them all.
            if (last is null || !reader.ValueTextEquals(last)) last = CheckedName(reader.GetString()!, tensor);
            if (!weightMap.TryAdd(tensor, last)) throw DataErrors.ShardIndex(Path, $"the tensor {DataErrors.Quote(tensor)} is there twice");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool total = reader.ValueTextEquals("total_size");
            reader.Read();
            // Some writers store the size as a float: 1.4e10.
            if (total && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double bytes) && bytes is >= 0 and < 9e18) TotalBytes = (long)bytes;
            reader.Skip();
        }
    }

    /// <summary>Refuses file names that could leave the folder of the index.</summary>
    private string CheckedName(string name, string tensor)
    {
        bool safe = name.Length is > 0 and <= 1024 && name.AsSpan().IndexOfAny('\\', ':', '\0') < 0;
        foreach (Range segment in name.AsSpan().Split('/'))
            safe &= name.AsSpan(segment) is not ("" or "..");
        return safe ? name : throw DataErrors.ShardIndex(Path, $"the tensor {DataErrors.Quote(tensor)} lies in {DataErrors.Quote(name)}, which is no file name inside the folder");
    }
}
