using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Runtime.InteropServices;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Tests;

/// <summary>Every recorded run of a published processor, bit for bit (goldens/preprocess).</summary>
public class PreprocessTests
{
    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (string folder in Goldens.Folders("preprocess", firstOfRepository: true))
            for (int i = 0; i < Index(folder).GetProperty("cases").GetArrayLength(); i++) cases.Add(folder, i);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void RecordedRun_GivesTheRecordedBits(string folder, int number)
    {
        JsonElement one = Index(folder).GetProperty("cases")[number];
        string processor = one.GetProperty("processor").GetString()!, picture = one.GetProperty("image").GetString()!;
        Image image = picture.StartsWith("large_") ? FormulaPicture.Create(Index(folder).GetProperty("large").GetProperty(picture))
            : ImageFile.Decode(Path.Combine(folder, "images", picture + ".png"));
        PreprocessPlan plan = PlanOf(folder, processor, one);
        PixelValues pixels = plan.Run(image);

        JsonElement outputs = one.GetProperty("outputs");
        JsonElement expected = outputs.TryGetProperty("images", out JsonElement images) ? images : outputs.GetProperty("pixel_values");
        int[] shape = [.. expected.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()).SkipWhile((d, i) => d == 1 && i == 0)];
        Assert.EndsWith(string.Join(", ", shape) + "]", pixels.Shape.ToString());
        Assert.Equal(expected.GetProperty("sha256").GetString(), Hash(pixels.Values));
        string classic = expected.TryGetProperty("sha256_classic", out JsonElement hash) ? hash.GetString()! : expected.GetProperty("sha256").GetString()!;
        Assert.Equal(classic, Hash((plan with { Order = PassOrder.Classic }).Run(image).Values));
        if (outputs.TryGetProperty("image_unpadded_heights", out _)) AssertFuyu(RecordedTensors.Open(Path.Combine(folder, "expected.safetensors")), outputs, pixels);
    }

    /// <summary>The unpadded size is the one before the pad.</summary>
    private static void AssertFuyu(RecordedTensors tensors, JsonElement outputs, PixelValues pixels)
    {
        IReadOnlyList<ResolvedStep> steps = pixels.Plan.Views[0].Steps;
        PixelSize unpadded = steps is [] ? pixels.Plan.Source : steps[^1] is ResolvedWindow pad ? pad.In : steps[^1].Out;
        Assert.Equal(Value("image_unpadded_heights"), unpadded.Height);
        Assert.Equal(Value("image_unpadded_widths"), unpadded.Width);
        long Value(string name) => MemoryMarshal.Cast<byte, long>(tensors.Bytes(outputs.GetProperty(name).GetProperty("tensor").GetString()!))[0];
    }

    /// <summary>The recorded configurations of libraries without such a file carry their keys alone; the class is the case's processor.</summary>
    private static PreprocessPlan PlanOf(string folder, string processor, JsonElement one)
    {
        string key = one.GetProperty("config").GetString()!;
        JsonNode config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "configs.json")))![key]!;
        if (processor.StartsWith("open_clip")) config["image_processor_type"] = "open_clip";
        bool drop = one.TryGetProperty("alpha", out JsonElement alpha) && alpha.GetString()!.StartsWith("drop");
        return PreprocessPlan.Parse(System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()), key, drop ? AlphaRule.Drop : AlphaRule.White);
    }

    private static string Hash(float[] values) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(values)));

    private static readonly Dictionary<string, JsonElement> Indices = [];

    private static JsonElement Index(string folder)
    {
        lock (Indices)
        {
            if (!Indices.TryGetValue(folder, out JsonElement index))
                Indices[folder] = index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json"))).RootElement;
            return index;
        }
    }
}
