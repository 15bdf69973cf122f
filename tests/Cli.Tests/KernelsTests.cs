namespace MmKernels.Tests;

/// <summary><c>mmk kernels</c> and <c>mmk ptx KERNEL</c>.</summary>
public class KernelsTests
{
    [Fact]
    public void Kernels_ListsEachOnceWithWhatItComputes()
    {
        MmkResult result = Mmk.Run("kernels");
        Assert.Equal(0, result.ExitCode);
        string line = Assert.Single(result.Output.Split('\n'), row => row.StartsWith("RmsNorm ", StringComparison.Ordinal));
        Assert.Contains("sqrt(mean(x²) + eps)", line);
    }

    [Fact]
    public void Kernels_OfOne_ShowsItsCard()
    {
        string card = Mmk.Run("kernels", "gemm").Output;
        foreach (string row in new[] { "shapes", "launch", "traffic", "numbers" }) Assert.Contains($"  {row}", card);
        Assert.Contains("MMK802", Mmk.Run("kernels", "nosuch").Error);
    }

    [Fact]
    public void Ptx_OfAKernel_IsAModuleForTheTarget()
    {
        string ptx = Mmk.Run("ptx", "rmsnorm", "--types", "F32", "F16", "--arch", "sm_90").Output;
        Assert.Contains(".target sm_90", ptx);
        Assert.Contains(".visible .entry RmsNormKernel_Kernel_F32_F16(", ptx);
        Assert.Contains("cvt.f32.f16", ptx);
    }

    [Fact]
    public void Ptx_WithLinesOrAsIntermediateForm_ShowsThem()
    {
        Assert.Contains(".loc", Mmk.Run("ptx", "softmax", "--c-sharp-lines").Output);
        Assert.StartsWith("function Softmax", Mmk.Run("ptx", "softmax", "--ir").Output);
    }

    [Theory]
    [InlineData("MMK514", "ptx", "nosuch")]
    [InlineData("MMK515", "ptx", "rmsnorm", "--types", "F77")]
    [InlineData("MMK502", "ptx", "rmsnorm", "--types", "F32")]
    [InlineData("MMK803", "ptx")]
    public void Ptx_OfWhatIsNotThere_IsAnError(string number, params string[] arguments)
    {
        MmkResult result = Mmk.Run(arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(number, result.Error);
    }
}
