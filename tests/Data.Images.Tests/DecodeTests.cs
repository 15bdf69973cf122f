using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Tests;

/// <summary>Every recorded picture of every root, byte for byte.</summary>
public class DecodeTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string folder in Goldens.Folders("images", firstOfRepository: true))
            using (JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json"))))
                foreach (JsonElement one in index.RootElement.GetProperty("cases").EnumerateArray())
                    cases.Add(folder, one.GetProperty("file").GetString()!);
        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void RecordedPicture_DecodesToTheRecordedBytes(string folder, string file)
    {
        JsonElement expected = Case(folder, file);
        Image image = Decode(Path.Combine(folder, file));
        var tensors = RecordedTensors.Open(Path.Combine(folder, "expected.safetensors"));

        AssertSame(tensors, expected.GetProperty("rgb").GetString()!, image.ToRgb());
        if (expected.TryGetProperty("rgba", out JsonElement rgba)) AssertSame(tensors, rgba.GetString()!, image.ToRgba());
        if (expected.TryGetProperty("transposed", out JsonElement transposed)) AssertSame(tensors, transposed.GetString()!, image.Upright().ToRgb());
    }

    /// <summary>WebP alone needs a library of the system; without it the case is skipped with the decoder's own message.</summary>
    internal static Image Decode(string path)
    {
        try { return ImageFile.Decode(path); }
        catch (MmkException e) when (e.Number == 467)
        {
            Skip.If(true, e.Message);
            throw;
        }
    }

    private static void AssertSame(RecordedTensors tensors, string name, Image image)
    {
        Assert.Equal(tensors.Shape(name), new[] { image.Height, image.Width, image.Channels });
        ReadOnlySpan<byte> expected = tensors.Bytes(name);
        int first = expected.CommonPrefixLength(image.Pixels);
        Assert.True(first == expected.Length,
            $"{name}: byte {first} (x {first / image.Channels % image.Width}, y {first / image.Channels / image.Width}, channel {first % image.Channels}) " +
            $"is {(first < image.Pixels.Length ? image.Pixels[first] : -1)}, recorded is {(first < expected.Length ? expected[first] : -1)}");
    }

    private static JsonElement Case(string folder, string file)
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        foreach (JsonElement one in index.RootElement.GetProperty("cases").EnumerateArray())
            if (one.GetProperty("file").GetString() == file) return one.Clone();
        throw new InvalidOperationException(file);
    }
}
