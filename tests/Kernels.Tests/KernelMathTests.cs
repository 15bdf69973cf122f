using MmKernels.Kernels.Maths;

namespace MmKernels.Tests.Kernels;

/// <summary>
/// The formulas of kernels' functions, evaluated by the host with correctly rounded operations. Devices evaluate the same formulas; what their approximate
/// instructions add is measured by the kernels' own cases.
/// </summary>
public sealed class KernelMathTests
{
    [Fact]
    public void Sigmoid_IsWithin4Ulp() => Within(-87, 100, x => KernelMath.Sigmoid(x), x => 1 / (1 + Math.Exp(-x)), 4 * Math.ScaleB(1, -24), 0);

    [Fact]
    public void NormalCdf_IsWithinOneMillionth() => Within(-12.5, 12.5, x => KernelMath.NormalCdf(x), ReferenceMath.NormalCdf, 1e-6, 0);

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-1, 0.15865525393145707)]
    [InlineData(-3, 0.0013498980316300946)]
    [InlineData(2.999999, 0.9986500975)]
    [InlineData(-8, 6.220960574271785e-16)]
    public void ReferenceNormalCdf_GivesTabulatedValues(double x, double expected)
        => Assert.Equal(expected, ReferenceMath.NormalCdf(x), Math.Max(1e-10 * expected, 1e-30));

    [Fact]
    public void Functions_KeepNaN()
    {
        Assert.True(float.IsNaN(KernelMath.Sigmoid(float.NaN)));
        Assert.True(float.IsNaN(KernelMath.NormalCdf(float.NaN)));
    }

    private static void Within(double from, double to, Func<float, float> function, Func<double, double> reference, double relative, double absolute)
    {
        const int Samples = 200_000;
        for (int i = 0; i <= Samples; i++)
        {
            float x = (float)(from + (to - from) * i / Samples);
            double expected = reference(x), actual = function(x);
            Assert.True(Math.Abs(actual - expected) <= relative * Math.Abs(expected) + absolute, $"{x:R}: {actual:R} for {expected:R}");
        }
    }
}
