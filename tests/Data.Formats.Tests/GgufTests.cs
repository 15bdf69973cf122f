using System.Text.Json;
using MmKernels.Data;

namespace MmKernels.Tests;

/// <summary>Every file of goldens/gguf: values of all block types, metadata, refusals.</summary>
public class GgufTests
{
    private static IEnumerable<string> Folders => Goldens.Folders("gguf", firstOfRepository: true);

    public static TheoryData<string, string, string, string> Tensors()
    {
        var cases = new TheoryData<string, string, string, string>();
        foreach (string folder in Folders)
            foreach (JsonElement tensor in Read(folder, "index.json", "tensors"))
                cases.Add(folder, tensor.GetProperty("file").GetString()!, tensor.GetProperty("tensor").GetString()!, tensor.GetProperty("expected").GetString()!);
        return cases;
    }

    public static TheoryData<string, string> BadFiles()
    {
        var cases = new TheoryData<string, string>();
        foreach (string folder in Folders)
            foreach (JsonElement entry in Read(folder, "bad.json", "cases")) cases.Add(folder, entry.GetProperty("file").GetString()!);
        return cases;
    }

    public static TheoryData<string, string> GoodFiles()
    {
        var cases = new TheoryData<string, string>();
        foreach (string folder in Folders)
            foreach (JsonElement name in Read(folder, "index.json", "good")) cases.Add(folder, name.GetString()!);
        return cases;
    }

    /// <summary>Tolerance: the products of scale and value may be formed in another order than the recording's, so the last bits differ; the recording asks for 1e-6.</summary>
    [Theory, MemberData(nameof(Tensors))]
    public void Blocks_HaveTheValuesOfTheReference(string folder, string file, string name, string expectedName)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(folder, file));
        using Checkpoint recorded = Checkpoint.Open(Path.Combine(folder, "expected.safetensors"));
        float[] expected = Floats(recorded[expectedName]), actual = Floats(checkpoint[name]);
        Assert.Equal(recorded[expectedName].Shape, checkpoint[name].Shape);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(actual[i] - expected[i]) <= 1e-6f * Math.Abs(expected[i]), $"{name}[{i}] is {actual[i]:R}, recorded {expected[i]:R}");
    }

    [Theory, MemberData(nameof(Tensors))]
    public void PartsOfATensor_AreReadFromAnyBlockOn(string folder, string file, string name, string expectedName)
    {
        _ = expectedName;
        using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(folder, file));
        CheckpointTensor tensor = checkpoint[name];
        float[] all = Floats(tensor);
        var last = new float[tensor.Format.BlockElements()];
        tensor.ReadFloats(all.Length - last.Length, last);
        Assert.Equal(all[^last.Length..], last);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ReadFloats(all.Length, last));
    }

    [Theory, MemberData(nameof(GoodFiles))]
    public void GoodFile_Opens(string folder, string file)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(folder, file));
        Assert.All(checkpoint.Tensors, tensor => Assert.True(tensor.Bytes >= 0));
    }

    [Theory, MemberData(nameof(BadFiles))]
    public void BadFile_IsRefused(string folder, string file)
    {
        JsonElement entry = Read(folder, "bad.json", "cases").Single(entry => entry.GetProperty("file").GetString() == file);
        string verdict = entry.GetProperty("ours").GetString()!;
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(folder, file));
            foreach (CheckpointTensor tensor in checkpoint.Tensors) Floats(tensor);
            Assert.True(verdict != "reject", $"{file} ({entry.GetProperty("why")}) was accepted");
        }
        catch (MmkException e)
        {
            Assert.True(verdict is "reject" or "either", $"{file}: {e.Message}");
            Assert.Contains(Path.GetFileName(file), e.Message);
        }
    }

    [Fact]
    public void Metadata_HasTheTypesAndValuesOfTheReference()
    {
        foreach (string folder in Folders)
        {
            using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(folder, "metadata.gguf"));
            List<JsonElement> expected = Read(folder, "index.json", "metadata");
            Assert.Equal(expected.Select(row => row[0].GetString()), checkpoint.GgufKeys.Keys);
            foreach (JsonElement row in expected) Compare(row[1].GetString()!, row[2], checkpoint.GgufKeys[row[0].GetString()!]);
        }
    }

    private static void Compare(string type, JsonElement expected, GgufValue actual)
    {
        if (type == "arr")
        {
            Assert.Equal(expected[0].GetString(), TypeName(actual.ElementType!.Value));
            object[] elements = [.. ((Array)actual.Value).Cast<object>()];
            Assert.Equal(expected[1].GetArrayLength(), elements.Length);
            for (int i = 0; i < elements.Length; i++) CompareScalar(expected[1][i], elements[i]);
            return;
        }
        Assert.Equal(type, TypeName(actual.Type));
        CompareScalar(expected, actual.Value);
    }

    private static void CompareScalar(JsonElement expected, object actual)
    {
        switch (actual)
        {
            case string text: Assert.Equal(expected.GetString(), text); break;
            case bool truth: Assert.Equal(expected.GetInt32(), truth ? 1 : 0); break;
            case float single: Assert.Equal((float)expected.GetDouble(), single); break;
            case double number: Assert.Equal(expected.GetDouble(), number); break;
            case ulong big: Assert.Equal(expected.GetUInt64(), big); break;
            default: Assert.Equal(expected.GetInt64(), Convert.ToInt64(actual)); break;
        }
    }

    private static string TypeName(GgufValueType type) => type == GgufValueType.String ? "str" : type.ToString().ToLowerInvariant();

    private static float[] Floats(CheckpointTensor tensor)
    {
        var values = new float[tensor.Shape.Elements];
        tensor.ReadFloats(0, values);
        return values;
    }

    private static List<JsonElement> Read(string folder, string file, string property)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path)) return [];
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.GetProperty(property).EnumerateArray().Select(entry => entry.Clone())];
    }
}
