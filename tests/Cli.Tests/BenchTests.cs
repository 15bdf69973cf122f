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
}
