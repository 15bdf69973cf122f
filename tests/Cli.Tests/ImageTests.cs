using System.Text.Json;

namespace MmKernels.Tests;

/// <summary><c>mmk image</c> against the hashes that Pillow and transformers gave.</summary>
public class ImageTests
{
    [Fact]
    public void Image_PrintsSizeModeOrientationAndTheHashOfPillowsBytes()
    {
        string folder = Goldens.Folder("images")!;
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        JsonElement recorded = index.RootElement.GetProperty("cases").EnumerateArray().First(one => one.GetProperty("file").GetString() == "jpeg/exif6.jpg");

        MmkResult result = Mmk.Run("image", Path.Combine(folder, "jpeg", "exif6.jpg"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("JPEG, 61 x 45, Rgb, orientation 6", result.Output);
        Assert.Contains(recorded.GetProperty("rgb_sha256").GetString()!, result.Output);
    }

    [Fact]
    public void Image_WithAProcessor_PrintsStepsAndTheHashOfItsValues()
    {
        string folder = Goldens.Folder("preprocess")!;
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        using JsonDocument configs = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "configs.json")));
        JsonElement recorded = index.RootElement.GetProperty("cases").EnumerateArray()
            .First(one => one.GetProperty("config").GetString() == "llava_next.tiny" && one.GetProperty("image").GetString() == "rgb_wide");
        using var temporary = new TemporaryFolder();
        temporary.Write("preprocessor_config.json", configs.RootElement.GetProperty("llava_next.tiny").GetRawText());

        MmkResult result = Mmk.Run("image", Path.Combine(folder, "images", "rgb_wide.png"), "--processor", temporary.Path);
        Assert.Contains("tiles of 28 x 28", result.Output);
        Assert.Contains(recorded.GetProperty("outputs").GetProperty("pixel_values").GetProperty("sha256").GetString()!, result.Output);
    }

    [Fact]
    public void Image_Png_WritesThePictureUpright()
    {
        using var temporary = new TemporaryFolder();
        string png = Path.Combine(temporary.Path, "out.png");
        Assert.Equal(0, Mmk.Run("image", Path.Combine(Goldens.Folder("images")!, "jpeg", "exif6.jpg"), "--png", png).ExitCode);
        Assert.Contains("PNG, 45 x 61, Rgb, orientation 1", Mmk.Run("image", png).Output);
    }
}
