using System.Globalization;

namespace MmKernels.Tests;

/// <summary><c>mmk bench</c>.</summary>
public class BenchTests
{
    [Fact]
    public void BenchKernels_WithAFilter_MeasuresWhatItNames()
    {
        MmkResult result = Mmk.Run("bench", "kernels", "--threads", "1", "--filter", "rmsnorm");

        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("peak of cpu", lines[0]);
        string[] words = lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("RmsNorm", words[0]);
        Assert.All(words[2..5], number => Assert.True(double.Parse(number, CultureInfo.InvariantCulture) > 0));
        Assert.Equal("%", words[5]);
    }

    [Fact]
    public void BenchKernels_OfWhatIsNotThere_SaysWhatIs()
    {
        MmkResult result = Mmk.Run("bench", "kernels", "--filter", "nosuch");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("MMK715", result.Error);
        Assert.Contains("RmsNorm", result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void BenchModel_EmbeddedModel_MeasuresEveryStage()
    {
        MmkResult result = Mmk.Run("bench", "model", "--lengths", "8", "100000", "20");

        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        foreach (string stage in new[] { "Gemm 1024x1024x1024 F32", "ReadPeak", "a picture, 64 tokens", "a prompt of 8 tokens", "a prompt of 20 tokens", "a token after 8", "a token of 8 sequences after 8", "first token after a picture and 64 tokens" })
            Assert.Contains(stage, result.Output);
        Assert.DoesNotContain("100000", result.Output);
    }

    [Fact]
    public void BenchModel_UnknownShape_SaysWhichThereAre()
    {
        MmkResult result = Mmk.Run("bench", "model", "--shape", "elephant");

        Assert.Contains("MMK623", result.Error);
        Assert.Contains("llama-1b", result.Error);
        Assert.Equal(1, result.ExitCode);
    }
}
