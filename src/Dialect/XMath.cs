namespace MmKernels.Dialect;

/// <summary>Maths of kernels in single precision: what one PTX instruction does, with its accuracy. NaN gives NaN where nothing else is said.</summary>
public static partial class XMath
{
    /// <summary>min.f32: the other operand where one is NaN.</summary>
    [Intrinsic] public static float Min(float a, float b) => float.MinNumber(a, b);

    /// <summary>max.f32: the other operand where one is NaN.</summary>
    [Intrinsic] public static float Max(float a, float b) => float.MaxNumber(a, b);

    [Intrinsic] public static int Min(int a, int b) => Math.Min(a, b);

    [Intrinsic] public static int Max(int a, int b) => Math.Max(a, b);

    [Intrinsic] public static float Abs(float x) => MathF.Abs(x);

    [Intrinsic] public static int Abs(int x) => x < 0 ? -x : x;

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

    /// <summary>sin.approx.f32: absolute error below 2^-20 for |x| ≤ π, growing with |x|. <see cref="Sin"/> is the accurate one.</summary>
    [Intrinsic] public static float SinApprox(float x) => MathF.Sin(x);

    /// <summary>cos.approx.f32: absolute error below 2^-20 for |x| ≤ π, growing with |x|. <see cref="Cos"/> is the accurate one.</summary>
    [Intrinsic] public static float CosApprox(float x) => MathF.Cos(x);

    /// <summary>tanh.approx.f32: relative error below 2^-11. <see cref="Tanh"/> is the accurate one.</summary>
    [Intrinsic] public static float TanhApprox(float x) => MathF.Tanh(x);

    /// <summary>cvt.rmi: the largest whole number not above x.</summary>
    [Intrinsic] public static float Floor(float x) => MathF.Floor(x);

    /// <summary>cvt.rpi: the smallest whole number not below x.</summary>
    [Intrinsic] public static float Ceiling(float x) => MathF.Ceiling(x);

    /// <summary>cvt.rzi: x without its fraction.</summary>
    [Intrinsic] public static float Truncate(float x) => MathF.Truncate(x);

    /// <summary>cvt.rni: the nearest whole number, ties to even.</summary>
    [Intrinsic] public static float Round(float x) => MathF.Round(x);

    [Intrinsic] public static bool IsNaN(float x) => float.IsNaN(x);
}
