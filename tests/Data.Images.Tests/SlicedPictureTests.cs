using System.Runtime.InteropServices;
using System.Text.Json;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Tests;

/// <summary>Systems that cut pictures into parts of several sizes, against their recorded encoder inputs.</summary>
public class SlicedPictureTests
{
    [SkippableTheory]
    [InlineData("llava_uhd", "image", "in.overview", "in.slices")]
    [InlineData("llava_uhd", "image2", "in.small.overview", null)]
    [InlineData("llava_uhd_extreme", "image", "in.overview", "in.slices")]
    [InlineData("llava_uhd_extreme", "image2", "in.tall.overview", "in.tall.slices")]
    public void LlavaUhd_OverviewAndSlices_AreThoseRecorded(string system, string picture, string overview, string? slices)
    {
        (string folder, RecordedTensors recorded) = Open(system);
        int scale = Number(folder, "crop_size");
        IReadOnlyList<PixelValues> views = Plan(folder, new TileStep(new UhdTiles(scale, 14, 7), ResampleFilter.Bicubic)).RunViews(ImageFile.Decode(Path.Combine(folder, picture + ".png")));

        Assert.Equal(slices is null ? 1 : 2, views.Count);
        AssertSame(recorded, overview, views[0].Values);
        if (slices is not null) AssertSame(recorded, slices, views[1].Values);
    }

    [SkippableFact]
    public void Slime_WholePictureThenTiles_AreThoseRecorded()
    {
        (string folder, RecordedTensors recorded) = Open("slime_full");
        PixelValues pixels = Plan(folder, new TileStep(new SlimeTiles(Number(folder, "crop_size")), ResampleFilter.Bicubic)).Run(ImageFile.Decode(Path.Combine(folder, "image.png")));
        Assert.Equal(new Shape(7, 3, 30, 30), pixels.Shape);
        AssertSame(recorded, "in.pixel_values", pixels.Values);
    }

    /// <summary>The fixture pads the parts of a picture with zeros to the largest, on the right and below.</summary>
    [SkippableFact]
    public void Idefics2_QuartersThenWhole_AreThoseRecordedInTheirPadding()
    {
        (string folder, RecordedTensors recorded) = Open("idefics2");
        string json = File.ReadAllText(Path.Combine(folder, "preprocessor_config.json")).Replace("\"do_image_splitting\": false", "\"do_image_splitting\": true");
        IReadOnlyList<PixelValues> views = PreprocessPlan.Parse(System.Text.Encoding.UTF8.GetBytes(json)).RunViews(ImageFile.Decode(Path.Combine(folder, "image2.png")));
        int[] shape = recorded.Shape("in.split.pixel_values");   // [1, 5, 3, height, width]
        ReadOnlySpan<float> padded = recorded.Floats("in.split.pixel_values");
        Assert.Equal(shape[1], views.Count);
        for (int view = 0; view < views.Count; view++)
        {
            (int _, int channels, int height, int width) = views[view].Shape;
            for (int c = 0; c < channels; c++)
                for (int y = 0; y < height; y++)
                    Assert.True(padded.Slice(((view * channels + c) * shape[3] + y) * shape[4], width).SequenceEqual(views[view].Values.AsSpan((c * height + y) * width, width)), $"view {view}, channel {c}, row {y}");
        }
    }

    [Fact]
    public void ViewsOfSeveralSizes_AreNoOneTensor()
    {
        var plan = new PreprocessPlan([new ConvertRgbStep(AlphaRule.Drop), new TileStep(new UhdTiles(56, 14, 7), ResampleFilter.Bicubic)]);
        Assert.Equal(472, Assert.Throws<MmkException>(() => plan.Run(new Image(170, 90, PixelMode.Rgb, new byte[170 * 90 * 3]))).Number);
    }

    [Fact]
    public void StepsAfterTheTiles_ActOnEveryTile()
    {
        var image = new Image(8, 4, PixelMode.Gray, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        PreprocessStep tiles = new TileStep(new AnyResTiles(4, [new PixelSize(8, 4)]), ResampleFilter.Nearest), crop = new CenterCropStep(2, 2, CropRounding.Down);
        PixelValues pixels = new PreprocessPlan([new ConvertRgbStep(AlphaRule.Drop), tiles, crop]).Run(image);
        Assert.Equal(new Shape(3, 3, 2, 2), pixels.Shape);
        Assert.Equal([9f, 10, 17, 18], pixels.Values[12..16]);      // the middle of the left tile
        Assert.Equal([13f, 14, 21, 22], pixels.Values[24..28]);     // and of the right one
    }

    private static PreprocessPlan Plan(string folder, PreprocessStep step)
    {
        PreprocessPlan clip = PreprocessPlan.Read(Path.Combine(folder, "preprocessor_config.json"));
        return clip with { Steps = [clip.Steps[0], step, .. clip.Steps.Where(one => one is RescaleStep or NormalizeStep)] };
    }

    private static int Number(string folder, string key)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "preprocessor_config.json")));
        return config.RootElement.GetProperty(key).GetInt32();
    }

    internal static string? FolderOf(string system) => FoldersOf(system).FirstOrDefault();

    /// <summary>The roots that have the system with its pictures (some hold only its tokenizer), each recording once.</summary>
    internal static IEnumerable<string> FoldersOf(string system)
        => Goldens.Folders(system).Where(folder => File.Exists(Path.Combine(folder, "preprocessor_config.json")) && File.Exists(Path.Combine(folder, "reference.safetensors")))
            .DistinctBy(folder => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "reference.safetensors")))));

    private static (string Folder, RecordedTensors Recorded) Open(string system)
    {
        string? folder = FolderOf(system);
        Skip.If(folder is null, $"{system} is in no root of goldens");
        return (folder!, RecordedTensors.Open(Path.Combine(folder!, "reference.safetensors")));
    }

    private static void AssertSame(RecordedTensors recorded, string name, float[] values)
    {
        ReadOnlySpan<float> expected = recorded.Floats(name);
        Assert.Equal(expected.Length, values.Length);
        Assert.True(MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes<float>(values)), $"{name} differs");
    }
}
