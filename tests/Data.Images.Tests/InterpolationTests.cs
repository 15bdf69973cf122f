using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Tests;

/// <summary>Every recorded torch.nn.functional.interpolate of goldens/resize.</summary>
public class InterpolationTests
{
    /// <summary>The recorded sums are float32 over inputs of N(0, 1) with weights that add up to 1: 2e-5 as the fixture's README states.</summary>
    private const double Tolerance = 2e-5;

    public static TheoryData<string> Folders() => new(Goldens.Folders("resize", firstOfRepository: true).Where(folder => File.Exists(Path.Combine(folder, "torch_index.json"))));

    [Theory]
    [MemberData(nameof(Folders))]
    public void RecordedInterpolations_AreWithinFloatRounding(string folder)
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "torch_index.json")));
        var inputs = RecordedTensors.Open(Path.Combine(folder, "torch_inputs.safetensors"));
        var outputs = RecordedTensors.Open(Path.Combine(folder, "torch_outputs.safetensors"));
        foreach (JsonElement one in index.RootElement.GetProperty("cases").EnumerateArray())
        {
            string input = one.GetProperty("input").GetString()!, output = one.GetProperty("output").GetString()!;
            int[] shape = inputs.Shape(input), size = outputs.Shape(output);
            bool table = one.TryGetProperty("op", out _);   // a positional table: [1, side², channels]
            int[] from = table ? [(int)Math.Sqrt(shape[1]), (int)Math.Sqrt(shape[1])] : shape[2..];
            int[] to = table ? [one.GetProperty("size")[0].GetInt32(), one.GetProperty("size")[1].GetInt32()] : size[2..];
            float[] values = table ? Transposed(inputs.Floats(input), shape[1], shape[2]) : inputs.Floats(input).ToArray();
            float[] resized = TensorInterpolation.Resize(values, Axis(one, 0, from[0], to[0]), Axis(one, 1, from[1], to[1]));
            if (table) resized = Transposed(resized, shape[2], resized.Length / shape[2]);
            ReadOnlySpan<float> expected = outputs.Floats(output);
            Assert.Equal(expected.Length, resized.Length);
            for (int i = 0; i < resized.Length; i++)
                Assert.True(Math.Abs(resized[i] - expected[i]) <= Tolerance, $"{one.GetRawText()}: value {i} is {resized[i]:R}, recorded is {expected[i]:R}");
        }
    }

    [Fact]
    public void LengthsBelowOne_AreAnError() => Assert.Equal(468, Assert.Throws<MmkException>(() => InterpolationAxis.Bicubic(4, 0, false)).Number);

    private static float[] Transposed(ReadOnlySpan<float> values, int rows, int columns)
    {
        var transposed = new float[values.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) transposed[c * rows + r] = values[r * columns + c];
        return transposed;
    }

    private static InterpolationAxis Axis(JsonElement one, int axis, int from, int to)
    {
        bool align = one.TryGetProperty("align_corners", out JsonElement corners) && corners.GetBoolean();
        bool antialias = one.TryGetProperty("antialias", out JsonElement smooth) && smooth.GetBoolean();
        bool recomputed = one.TryGetProperty("recompute_scale_factor", out JsonElement recompute) && recompute.ValueKind == JsonValueKind.True;
        double? factor = one.TryGetProperty("scale_factor", out JsonElement factors) && !recomputed ? factors[axis].GetDouble() : null;
        return (one.GetProperty("mode").GetString(), antialias) switch
        {
            ("bilinear", true) => InterpolationAxis.Antialiased(from, to, ResampleFilter.Bilinear, align),
            ("bicubic", true) => InterpolationAxis.Antialiased(from, to, ResampleFilter.Bicubic, align),
            ("bilinear", _) => InterpolationAxis.Bilinear(from, to, align, factor),
            ("bicubic", _) => InterpolationAxis.Bicubic(from, to, align, factor),
            ("nearest", _) => InterpolationAxis.Nearest(from, to, factor),
            ("nearest-exact", _) => InterpolationAxis.NearestExact(from, to, factor),
            _ => InterpolationAxis.Area(from, to),
        };
    }
}
