using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Tests;

/// <summary>The pictures of the LLaVA fixtures, from the file to the numbers that the encoder eats.</summary>
public class LlavaPreprocessTests
{
    [SkippableFact]
    public void Llava15_ResizedBytesAndPixelValues_AreThoseOfTheProcessor()
    {
        string folder = Folder("llava15");
        var recorded = RecordedTensors.Open(Path.Combine(folder, "reference.safetensors"));
        PreprocessPlan plan = PreprocessPlan.Read(Path.Combine(folder, "preprocessor_config.json"));
        Image image = ImageFile.Decode(Path.Combine(folder, "image.png"));
        PixelValues pixels = plan.Run(image);

        ResolvedView view = pixels.Plan.Views[0];
        Image resized = PlanExecutor.Canvas(view with { Steps = [view.Steps[0]] }, plan.Source(image), plan.Order);
        Assert.True(recorded.Bytes("in.resized_uint8").SequenceEqual(resized.Pixels));
        Assert.Equal(new Shape(1, 3, 35, 35), pixels.Shape);
        AssertSameBits(recorded.Floats("in.pixel_values"), pixels.Values);
    }

    [SkippableFact]
    public void Llava15Original_SquareOfTheMeanColour_IsThatOfTheRepository()
    {
        string folder = Folder("llava15");
        var recorded = RecordedTensors.Open(Path.Combine(folder, "reference.safetensors"));
        PreprocessPlan plan = PreprocessPlan.Read(Path.Combine(folder, "vision.preprocessor_config.json")).OnSquare();
        Image image = ImageFile.Decode(Path.Combine(folder, "image.png"));
        PixelValues pixels = plan.Run(image);

        ResolvedView view = pixels.Plan.Views[0];
        Image square = PlanExecutor.Canvas(view with { Steps = [view.Steps[0]] }, plan.Source(image), plan.Order);
        Assert.True(recorded.Bytes("in.original.square_uint8").SequenceEqual(square.Pixels));
        AssertSameBits(recorded.Floats("in.original.pixel_values"), pixels.Values);
    }

    /// <summary>
    /// Recorded by transformers' torchvision backend, which folds the rescale into mean and std: (x - 255·mean) / (255·std). Both sums round twice near 1,
    /// half an ulp of 2^-24 each time, and are divided by a std of 0.26.
    /// </summary>
    [SkippableFact]
    public void TinyLlava_Scene00_GivesTheRecordedPixelValues()
    {
        string? weights = Goldens.Roots.Select(root => Path.Combine(root, "..", "weights")).Prepend(Path.Combine(Goldens.Repository, "weights"))
            .FirstOrDefault(root => File.Exists(Path.Combine(root, "tiny-llava", "examples", "scene00.safetensors")));
        Skip.If(weights is null, "weights/tiny-llava/examples is in no root");
        string folder = Path.Combine(weights, "tiny-llava");
        PixelValues pixels = PreprocessPlan.Read(Path.Combine(folder, "preprocessor_config.json")).Run(ImageFile.Decode(Path.Combine(folder, "examples", "scene00.png")));
        ReadOnlySpan<float> expected = RecordedTensors.Open(Path.Combine(folder, "examples", "scene00.safetensors")).Floats("in.pixel_values");
        Assert.Equal(expected.Length, pixels.Values.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - pixels.Values[i]) <= 5e-7f, $"value {i} is {pixels.Values[i]:R}, recorded is {expected[i]:R}");
    }

    private static string Folder(string name)
    {
        string? folder = Goldens.Folder(name);
        Skip.If(folder is null, $"{name} is in no root of goldens");
        return folder!;
    }

    private static void AssertSameBits(ReadOnlySpan<float> expected, float[] values)
    {
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(values[i]), $"value {i} is {values[i]:R}, recorded is {expected[i]:R}");
    }
}
