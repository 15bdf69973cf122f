using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>preprocessor_config.json into a plan, and the plan over pictures of extreme aspects.</summary>
public sealed class PreprocessorConfigTarget : FuzzTarget
{
    private static readonly Image[] pictures =
    [
        new(17, 11, PixelMode.Rgb, new byte[17 * 11 * 3]), new(1, 400, PixelMode.Gray, new byte[400]), new(300, 2, PixelMode.Rgba, new byte[300 * 2 * 4]), new(9, 8, PixelMode.Bilevel, new byte[72]),
    ];

    public override string Name => "preprocessor-config";

    public override bool IsText => true;

    public override IReadOnlyList<string> Words { get; } =
    [
        "\"size\":", "\"shortest_edge\":", "\"height\":", "\"width\":", "\"crop_size\":", "\"image_grid_pinpoints\":", "\"resample\":", "\"image_mean\":", "\"image_std\":", "\"do_pad\":",
        "\"image_processor_type\":", "\"CLIPImageProcessor\"", "\"LlavaNextImageProcessor\"", "\"FuyuImageProcessor\"", "\"open_clip\"", "\"resize_mode\":", "\"longest\"", "null", "true", "0", "-1", "32768", "1e999",
    ];

    public override IEnumerable<byte[]> Seeds()
        => Goldens.Folders("preprocess").Select(folder => File.ReadAllBytes(Path.Combine(folder, "configs.json")))
            .SelectMany(Configs).Concat(Goldens.Folders("llava15").SelectMany(folder => Directory.EnumerateFiles(folder, "*preprocessor_config.json")).Select(File.ReadAllBytes));

    /// <summary>A plan may make intermediate pictures of 64 K pixels: three passes of bytes, four bytes a value of the result, and the tables of coefficients.</summary>
    public override long MaxAllocatedBytes(int inputBytes) => (64L << 20) + (256L * inputBytes);

    public override void Run(byte[] input)
    {
        PreprocessPlan plan = PreprocessPlan.Parse(input, "fuzz") with { MaxPixels = 1 << 16 };
        foreach (Image picture in pictures)
            try { plan.Run(picture); }
            catch (MmkException) { }   // one picture may be refused where the others are not
    }

    private static IEnumerable<byte[]> Configs(byte[] file)
    {
        using var document = System.Text.Json.JsonDocument.Parse(file);
        return [.. document.RootElement.EnumerateObject().Where(one => one.Name.EndsWith("tiny")).Select(one => System.Text.Encoding.UTF8.GetBytes(one.Value.GetRawText()))];
    }
}
