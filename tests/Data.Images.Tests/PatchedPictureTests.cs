using System.Text.Json;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Tests;

/// <summary>Systems whose recorded input is already cut into patches: the plan's picture, rearranged here, must be it.</summary>
public class PatchedPictureTests
{
    /// <summary>Rows (block row, block column, row in block, column in block) of merge x merge patches; columns (channel, frame, row, column); both frames are the picture.</summary>
    [SkippableFact]
    public void Qwen2Vl_PatchesOfBothPictures_AreThoseRecorded()
    {
        string folder = Folder("qwen2_vl");
        PreprocessPlan plan = PreprocessPlan.Read(Path.Combine(folder, "preprocessor_config.json"));
        (int patch, int merge, int frames) = (5, 2, 2);
        var patches = new List<float>();
        foreach (string picture in new[] { "image0.png", "image1.png" })
        {
            PixelValues pixels = plan.Run(ImageFile.Decode(Path.Combine(folder, picture)));
            (int _, int channels, int height, int width) = pixels.Shape;
            for (int blockY = 0; blockY < height / patch / merge; blockY++)
                for (int blockX = 0; blockX < width / patch / merge; blockX++)
                    for (int cell = 0; cell < merge * merge; cell++)
                        for (int c = 0; c < channels; c++)
                            for (int i = 0; i < frames * patch * patch; i++)
                            {
                                int y = (blockY * merge + cell / merge) * patch + i / patch % patch, x = (blockX * merge + cell % merge) * patch + i % patch;
                                patches.Add(pixels.Values[(c * height + y) * width + x]);
                            }
        }
        Assert.True(RecordedTensors.Open(Path.Combine(folder, "reference.safetensors")).Floats("in.pixel_values").SequenceEqual(patches.ToArray()));
    }

    /// <summary>Patches of the unpadded part, rounded up; each is (row, column, channel).</summary>
    [Fact]
    public void Fuyu_PatchesOfTheRecordedPictures_AreThoseRecorded()
    {
        string folder = Goldens.Folder("preprocess")!;
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json"))), configs = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "configs.json")));
        PreprocessPlan plan = PreprocessPlan.Parse(System.Text.Encoding.UTF8.GetBytes(configs.RootElement.GetProperty("fuyu.tiny").GetRawText()));
        var recorded = RecordedTensors.Open(Path.Combine(folder, "expected.safetensors"));
        const int patch = 10;
        int compared = 0;
        foreach (JsonElement one in index.RootElement.GetProperty("cases").EnumerateArray().Where(one => one.GetProperty("config").GetString() == "fuyu.tiny"))
        {
            PixelValues pixels = plan.Run(ImageFile.Decode(Path.Combine(folder, "images", one.GetProperty("image").GetString() + ".png")));
            IReadOnlyList<ResolvedStep> steps = pixels.Plan.Views[0].Steps;
            PixelSize unpadded = steps is [] ? pixels.Plan.Source : steps[^1] is ResolvedWindow pad ? pad.In : steps[^1].Out;
            (int _, int channels, int height, int width) = pixels.Shape;
            var patches = new List<float>();
            for (int top = 0; top < unpadded.Height; top += patch)
                for (int left = 0; left < unpadded.Width; left += patch)
                    for (int i = 0; i < patch * patch; i++)
                        for (int c = 0; c < channels; c++) patches.Add(pixels.Values[(c * height + top + i / patch) * width + left + i % patch]);
            Assert.True(recorded.Floats(one.GetProperty("outputs").GetProperty("image_patches").GetProperty("tensor").GetString()!).SequenceEqual(patches.ToArray()), one.GetProperty("image").GetString());
            compared++;
        }
        Assert.True(compared >= 5);
    }

    private static string Folder(string system)
    {
        string? folder = SlicedPictureTests.FolderOf(system);
        Skip.If(folder is null, $"{system} is in no root of goldens");
        return folder!;
    }
}
