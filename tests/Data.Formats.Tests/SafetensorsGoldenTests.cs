using System.Security.Cryptography;
using System.Text.Json;
using MmKernels.Data;

namespace MmKernels.Tests;

/// <summary>Every file of goldens/safetensors against the verdict that is recorded for it.</summary>
public class SafetensorsGoldenTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string folder in Goldens.Folders("safetensors", firstOfRepository: true))
            foreach (JsonElement entry in Read(folder, "verdicts.json")) cases.Add(folder, entry.GetProperty("file").GetString()!);
        return cases;
    }

    public static TheoryData<string, string> ShardCases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string folder in Goldens.Folders("safetensors", firstOfRepository: true))
            foreach (JsonElement entry in Read(folder, "sharded.json")) cases.Add(folder, entry.GetProperty("folder").GetString()!);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void File_IsAcceptedOrRefusedAsRecorded(string folder, string file)
    {
        JsonElement entry = Read(folder, "verdicts.json").Single(entry => entry.GetProperty("file").GetString() == file);
        MmkException? error = Refusal(Path.Combine(folder, file), checkpoint =>
        {
            if (entry.TryGetProperty("tensors", out JsonElement tensors)) CompareTensors(tensors, checkpoint);
            if (entry.TryGetProperty("metadata", out JsonElement metadata)) CompareMetadata(metadata, checkpoint);
        });
        Judge(entry, error, $"{file} ({entry.GetProperty("why")})");
        if (error is not null) Assert.Contains(Path.GetFileName(file), error.Message);
    }

    [Theory, MemberData(nameof(ShardCases))]
    public void ShardedFolder_IsAcceptedOrRefusedAsRecorded(string folder, string name)
    {
        JsonElement entry = Read(folder, "sharded.json").Single(entry => entry.GetProperty("folder").GetString() == name);
        MmkException? error = Refusal(Path.Combine(folder, "sharded", name), _ => { });
        Judge(entry, error, $"{name} ({entry.GetProperty("why")})");
    }

    private static void Judge(JsonElement entry, MmkException? error, string what)
    {
        string verdict = entry.GetProperty("ours").GetString()!;
        if (verdict.StartsWith("accept", StringComparison.Ordinal)) Assert.True(error is null, $"{what}: refused, {error?.Message}");
        else if (verdict == "reject") Assert.True(error is not null, $"{what}: accepted");
        else Assert.StartsWith("either", verdict);
    }

    private static MmkException? Refusal(string path, Action<Checkpoint> check)
    {
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            check(checkpoint);
            return null;
        }
        catch (MmkException e) { return e; }
    }

    private static void CompareTensors(JsonElement expected, Checkpoint checkpoint)
    {
        Assert.Equal(expected.EnumerateObject().Select(tensor => tensor.Name).Order(StringComparer.Ordinal), checkpoint.Names.Order(StringComparer.Ordinal));
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            CheckpointTensor tensor = checkpoint[property.Name];
            Assert.Equal(property.Value.GetProperty("dtype").GetString(), tensor.Format.Name());
            Assert.Equal(property.Value.GetProperty("shape").EnumerateArray().Select(dim => dim.GetUInt64()), tensor.Dims);
            Assert.Equal(property.Value.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(tensor.Data)));
        }
    }

    private static void CompareMetadata(JsonElement expected, Checkpoint checkpoint)
    {
        if (expected.ValueKind == JsonValueKind.Null) Assert.Empty(checkpoint.Metadata);
        else Assert.Equal(expected.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!), checkpoint.Metadata);
    }

    private static List<JsonElement> Read(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path)) return [];
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(entry => entry.Clone())];
    }
}
