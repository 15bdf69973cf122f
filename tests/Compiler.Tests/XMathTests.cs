using MmKernels.Dialect;

namespace MmKernels.Tests;

/// <summary>The functions' stated errors, on a dense grid. Their operations round the same on every device.</summary>
public class XMathTests
{
    [Fact]
    public void Exp_IsWithinOneUlp() => Check(XMath.Exp, Math.Exp, -87f, 88f, 1.0);

    [Fact]
    public void Log_IsWithinTwoUlp()
    {
        Check(XMath.Log, Math.Log, 1e-3f, 100f, 2.0);
        Check(XMath.Log, Math.Log, 1e-40f, 1e-36f, 2.0);
        Check(XMath.Log, Math.Log, 1e20f, 3e38f, 2.0);
    }

    [Fact]
    public void Tanh_IsWithinThreeUlp() => Check(XMath.Tanh, Math.Tanh, -10f, 10f, 3.0);

    [Fact]
    public void Erf_IsWithinTwoUlp() => Check(XMath.Erf, Erf, -4.5f, 4.5f, 2.0);

    [Theory]
    [InlineData(10f)]
    [InlineData(1000f)]
    [InlineData(1e5f)]
    public void SinAndCos_HaveTheStatedAbsoluteError(float range)
    {
        for (int i = -50_000; i <= 50_000; i++)
        {
            float x = range * i / 50_000f;
            Assert.True(Math.Abs(XMath.Sin(x) - Math.Sin(x)) < 1.2e-7, $"sin({x:R}) = {XMath.Sin(x):R}");
            Assert.True(Math.Abs(XMath.Cos(x) - Math.Cos(x)) < 1.2e-7, $"cos({x:R}) = {XMath.Cos(x):R}");
        }
    }

    /// <summary>Numbers nearest to multiples of π/2, where the reduction cancels most.</summary>
    [Fact]
    public void SinAndCos_KeepTheirRelativeErrorNearMultiplesOfHalfPi()
    {
        for (int n = 1; n < 63000; n += 61)
        {
            float x = (float)(n * (Math.PI / 2));
            XMath.SinCos(x, out float sin, out float cos);
            (double exact, float actual) = n % 2 == 0 ? (Math.Sin(x), sin) : (Math.Cos(x), cos);
            Assert.True(Math.Abs(actual - exact) <= 2e-6 * Math.Abs(exact), $"{x:R}: {actual:R} for {exact:R}");
        }
    }

    [Fact]
    public void Pow_HasTheStatedRelativeError()
    {
        for (float x = 0.01f; x < 50f; x *= 1.07f)
            for (float y = -8f; y < 8f; y += 0.37f)
            {
                double exact = Math.Pow(x, y), bound = (2 + Math.Abs(y * Math.Log(x))) * Math.Pow(2, -23);
                Assert.True(Math.Abs(XMath.Pow(x, y) - exact) <= bound * exact, $"pow({x:R}, {y:R}) = {XMath.Pow(x, y):R}, not {exact:R}");
            }
        Assert.Equal(-8f, XMath.Pow(-2f, 3f), 5e-6f);
        Assert.True(float.IsNaN(XMath.Pow(-2f, 0.5f)));
    }

    [Fact]
    public void SpecialArguments_GiveSpecialResults()
    {
        Assert.Equal(float.PositiveInfinity, XMath.Exp(100f));
        Assert.Equal(0f, XMath.Exp(-200f));
        Assert.Equal(1f, XMath.Exp(0f));
        Assert.Equal(float.NegativeInfinity, XMath.Log(0f));
        Assert.Equal(float.PositiveInfinity, XMath.Log(float.PositiveInfinity));
        Assert.Equal(0f, XMath.Log(1f));
        Assert.Equal(1f, XMath.Erf(10f));
        Assert.Equal(-1f, XMath.Tanh(-50f));
        foreach (Func<float, float> f in (Func<float, float>[])[XMath.Exp, XMath.Log, XMath.Tanh, XMath.Erf, XMath.Sin, XMath.Cos]) Assert.True(float.IsNaN(f(float.NaN)));
        Assert.True(float.IsNaN(XMath.Log(-1f)));
    }

    private static void Check(Func<float, float> f, Func<double, double> reference, float from, float to, double ulps)
    {
        const int Steps = 200_000;
        for (int i = 0; i <= Steps; i++)
        {
            float x = from + (to - from) * (i / (float)Steps);
            double exact = reference(x);
            double ulp = Math.BitIncrement(Math.Abs((float)exact)) is var next && next > 0 ? MathF.BitIncrement(MathF.Abs((float)exact)) - MathF.Abs((float)exact) : float.Epsilon;
            double error = Math.Abs(f(x) - exact) / ulp;
            Assert.True(error <= ulps, $"f({x:R}) = {f(x):R}, not {exact:R}: {error:0.00} ulp");
        }
    }

    /// <summary>By its series below 3, by a continued fraction above.</summary>
    private static double Erf(double x)
    {
        double a = Math.Abs(x), value;
        if (a < 3)
        {
            double term = a, sum = a;
            for (int n = 1; n < 100; n++)
            {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            value = sum * 2 / Math.Sqrt(Math.PI);
        }
        else
        {
            double fraction = 0;
            for (int k = 60; k > 0; k--) fraction = k / 2.0 / (a + fraction);
            value = 1 - Math.Exp(-a * a) / (a + fraction) / Math.Sqrt(Math.PI);
        }
        return x < 0 ? -value : value;
    }
}
