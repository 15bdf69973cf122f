using System.Security.Cryptography;
using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Tests;

/// <summary>Every recorded resize, reduction, crop and fit of Pillow, byte for byte, in both orders of the passes (goldens/resize).</summary>
public class ResizeTests
{
    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (string folder in Goldens.Folders("resize", firstOfRepository: true))
            for (int i = 0; i < Index(folder).GetProperty("cases").GetArrayLength(); i++) cases.Add(folder, i);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void RecordedCase_GivesTheRecordedBytes(string folder, int number)
    {
        JsonElement one = Index(folder).GetProperty("cases")[number];
        if (one.GetProperty("op").GetString() == "thumbnail_size")
        {
            AssertThumbnailSizes(one);
            return;
        }
        Image input = Input(folder, one);
        if (one.TryGetProperty("error", out JsonElement error))
        {
            var refused = Assert.Throws<MmkException>(() => Run(one, input, PassOrder.Pillow13));
            Assert.Equal(468, refused.Number);
            Assert.Contains(error.GetString()!.Split(": ")[1], refused.Message);
            return;
        }
        AssertSame(folder, "outputs.safetensors", one, "output", "sha256", Run(one, input, PassOrder.Pillow13));
        bool differs = one.TryGetProperty("classic_output", out _) || one.TryGetProperty("classic_sha256", out _);
        Image classic = Run(one, input, PassOrder.Classic);
        if (differs) AssertSame(folder, "outputs_classic.safetensors", one, "classic_output", "classic_sha256", classic);
        else AssertSame(folder, "outputs.safetensors", one, "output", "sha256", classic);
    }

    private static Image Run(JsonElement one, Image input, PassOrder order)
    {
        ResampleFilter filter = one.TryGetProperty("filter", out JsonElement name) ? Enum.Parse<ResampleFilter>(name.GetString()!, ignoreCase: true) : ResampleFilter.Bicubic;
        (int width, int height) = one.TryGetProperty("size", out JsonElement size) ? ((int)Math.Floor(size[0].GetDouble()), (int)Math.Floor(size[1].GetDouble())) : default;
        double[]? box = one.TryGetProperty("box", out JsonElement part) && part.ValueKind == JsonValueKind.Array ? [.. part.EnumerateArray().Select(v => v.GetDouble())] : null;
        (int left, int top, int right, int bottom) = one.TryGetProperty("border", out JsonElement border) ? Borders(border) : default;
        switch (one.GetProperty("op").GetString())
        {
            case "resize":
                ResampleBox? source = box is null ? null : new ResampleBox((float)box[0], (float)box[1], (float)box[2], (float)box[3]);
                return Gap(one) is { } gap
                    ? ReducingResize.Resize(input, width, height, filter, source, gap, order)
                    : Resampler.Resize(input, width, height, filter, source, order);
            case "reduce":
                JsonElement factor = one.GetProperty("factor");
                box ??= [0, 0, input.Width, input.Height];
                return Reducer.Reduce(input, factor[0].GetInt32(), factor[1].GetInt32(), (int)box[0], (int)box[1], (int)box[2], (int)box[3]);
            case "thumbnail": return ImageOps.Thumbnail(input, width, height, filter, Gap(one), order);
            case "crop": return ImageOps.Crop(input, box![0], box[1], box[2], box[3]);
            case "ImageOps.crop": return ImageOps.Crop(input, left, top, input.Width - right, input.Height - bottom);
            case "ImageOps.expand": return Framing.Window(input, -left, -top, input.Width + left + right, input.Height + top + bottom, Colour(one.GetProperty("fill")));
            case "ImageOps.contain": return ImageOps.Contain(input, width, height, filter, order);
            case "ImageOps.cover": return ImageOps.Cover(input, width, height, filter, order);
            case "ImageOps.fit": return ImageOps.Fit(input, width, height, filter, order);
            case "ImageOps.pad":
                JsonElement centring = one.GetProperty("centering");
                return ImageOps.Pad(input, width, height, Colour(one.GetProperty("color")), (centring[0].GetDouble(), centring[1].GetDouble()), filter, order);
            case "expand2square": return ImageOps.ExpandToSquare(input, Colour(one.GetProperty("background")));
            default: throw new InvalidOperationException(one.GetRawText());
        }
    }

    private static void AssertThumbnailSizes(JsonElement one)
    {
        foreach (JsonElement row in one.GetProperty("rows").EnumerateArray())
        {
            int[] v = [.. row.EnumerateArray().Select(n => n.GetInt32())];
            Assert.Equal((v[4], v[5]), ImageOps.ThumbnailSize(v[0], v[1], v[2], v[3]));
        }
    }

    private static void AssertSame(string folder, string file, JsonElement one, string tensor, string hash, Image image)
    {
        if (one.TryGetProperty(hash, out JsonElement sha)) Assert.Equal(sha.GetString(), Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
        else
        {
            var recorded = RecordedTensors.Open(Path.Combine(folder, file));
            string name = one.GetProperty(tensor).GetString()!;
            Assert.Equal(recorded.Shape(name).Take(2), new[] { image.Height, image.Width });
            Assert.True(recorded.Bytes(name).SequenceEqual(image.Pixels), one.GetRawText());
        }
    }

    private static Image Input(string folder, JsonElement one)
    {
        if (one.TryGetProperty("formula", out JsonElement formula)) return FormulaPicture.Create(formula);
        var recorded = RecordedTensors.Open(Path.Combine(folder, "inputs.safetensors"));
        string name = one.GetProperty("input").GetString()!;
        int[] shape = recorded.Shape(name);
        return new Image(shape[1], shape[0], FormulaPicture.ModeOf(shape.Length == 2 ? 1 : shape[2]), recorded.Bytes(name).ToArray());
    }

    private static double? Gap(JsonElement one) => one.TryGetProperty("reducing_gap", out JsonElement gap) && gap.ValueKind == JsonValueKind.Number ? gap.GetDouble() : null;

    /// <summary>One number, (left and right, top and bottom) or (left, top, right, bottom), as ImageOps takes them.</summary>
    private static (int Left, int Top, int Right, int Bottom) Borders(JsonElement border)
    {
        if (border.ValueKind == JsonValueKind.Number) return (border.GetInt32(), border.GetInt32(), border.GetInt32(), border.GetInt32());
        int last = border.GetArrayLength() - 1;
        return (border[0].GetInt32(), border[1].GetInt32(), border[last - 1].GetInt32(), border[last].GetInt32());
    }

    private static byte[] Colour(JsonElement colour)
        => colour.ValueKind == JsonValueKind.Number ? [colour.GetByte()] : [.. colour.EnumerateArray().Select(v => v.GetByte())];

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
