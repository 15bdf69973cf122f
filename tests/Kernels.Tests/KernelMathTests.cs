using MmKernels.Kernels.Maths;

namespace MmKernels.Tests.Kernels;

/// <summary>
/// The formulas of kernels' functions, evaluated by the host with correctly rounded operations. Devices evaluate the same formulas; what their approximate
/// instructions add is measured by the kernels' own cases.
/// </summary>
public sealed class KernelMathTests
{
    [Fact]
    public void Exp_IsWithin4Ulp() => Within(-87, 88.7, x => KernelMath.Exp(x), Math.Exp, 4 * Math.ScaleB(1, -24), 0);

    [Fact]
    public void Sigmoid_IsWithin6Ulp() => Within(-87, 100, x => KernelMath.Sigmoid(x), x => 1 / (1 + Math.Exp(-x)), 6 * Math.ScaleB(1, -24), 0);

    [Fact]
    public void NormalCdf_IsWithinOneMillionth() => Within(-12.5, 12.5, x => KernelMath.NormalCdf(x), ReferenceMath.NormalCdf, 1e-6, 0);

    [Theory]
    [InlineData(0, 3)]
    [InlineData(3, 1e5)]
    [InlineData(-1e5, 0)]
    public void SinCos_AreWithinTwoTenMillionths(double from, double to)
    {
        Within(from, to, x => Sin(x), Math.Sin, 0, 2e-7);
        Within(from, to, x => Cos(x), Math.Cos, 0, 2e-7);
    }

    /// <summary>The 1024 f32 numbers nearest to multiples of π/2, where the reduction cancels most.</summary>
    [Fact]
    public void SinCos_KeepTheirRelativeErrorNearMultiplesOfHalfPi()
    {
        for (int n = 1; n < 63000; n += 61)
        {
            float x = (float)(n * (Math.PI / 2));
            double value = n % 2 == 0 ? Math.Sin(x) : Math.Cos(x);
            float actual = n % 2 == 0 ? Sin(x) : Cos(x);
            Assert.True(Math.Abs(actual - value) <= 2e-6 * Math.Abs(value), $"{x:R}: {actual:R} for {value:R}");
        }
    }

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
        Assert.True(float.IsNaN(KernelMath.Exp(float.NaN)));
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

    private static float Sin(float x)
    {
        KernelMath.SinCos(x, out float sin, out _);
        return sin;
    }

    private static float Cos(float x)
    {
        KernelMath.SinCos(x, out _, out float cos);
        return cos;
    }
}
