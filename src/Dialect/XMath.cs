namespace MmKernels.Dialect;

/// <summary>Maths of kernels in single precision. Each says which PTX instruction it is and how accurate.</summary>
public static class XMath
{
    /// <summary>min.f32: the other operand where one is NaN.</summary>
    [Intrinsic] public static float Min(float a, float b) => float.MinNumber(a, b);

    /// <summary>max.f32: the other operand where one is NaN.</summary>
    [Intrinsic] public static float Max(float a, float b) => float.MaxNumber(a, b);

    [Intrinsic] public static int Min(int a, int b) => Math.Min(a, b);

    [Intrinsic] public static int Max(int a, int b) => Math.Max(a, b);

    [Intrinsic] public static float Abs(float x) => MathF.Abs(x);

    /// <summary>a·b + c, rounded once.</summary>
    [Intrinsic] public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>sqrt.rn.f32: correctly rounded.</summary>
    [Intrinsic] public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>rsqrt.approx.f32: within 2 ulp.</summary>
    [Intrinsic] public static float Rsqrt(float x) => 1f / MathF.Sqrt(x);

    /// <summary>rcp.approx.f32: within 1 ulp.</summary>
    [Intrinsic] public static float Rcp(float x) => 1f / x;

    /// <summary>ex2.approx.ftz.f32: 2^x within 2 ulp; denormal results are flushed to zero.</summary>
    [Intrinsic] public static float Exp2(float x) => MathF.Pow(2f, x);

    /// <summary>lg2.approx.f32: log2(x), absolute error below 2^-22.</summary>
    [Intrinsic] public static float Log2(float x) => MathF.Log2(x);

    /// <summary>cvt.rmi: the largest whole number not above x.</summary>
    [Intrinsic] public static float Floor(float x) => MathF.Floor(x);

    /// <summary>cvt.rni: the nearest whole number, ties to even.</summary>
    [Intrinsic] public static float Round(float x) => MathF.Round(x);
}
