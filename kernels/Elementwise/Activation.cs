using MmKernels.Kernels.Maths;

namespace MmKernels.Kernels;

/// <summary>A function of one number, as a type argument of kernels that apply it.</summary>
public interface IActivation
{
    /// <summary>What the kernel computes, in single precision.</summary>
    static abstract float Apply(float x);

    /// <summary>What it means, in double precision.</summary>
    static abstract double Reference(double x);
}

/// <summary>An activation as a value: what models choose and ops are given.</summary>
public sealed class Activation
{
    /// <summary>y = x.</summary>
    public static readonly Activation None = Of<Identity>("none");

    /// <summary>x · Φ(x), with the normal distribution's Φ itself (Hendrycks, Gimpel 2016, arXiv:1606.08415); <c>gelu</c> in published configs.</summary>
    public static readonly Activation Gelu = Of<Gelu>("gelu");

    /// <summary>GELU by its tanh formula; <c>gelu_new</c> and <c>gelu_pytorch_tanh</c> in published configs.</summary>
    public static readonly Activation GeluTanh = Of<GeluTanh>("gelu_tanh");

    /// <summary>x · sigmoid(1.702 x), as in CLIP; <c>quick_gelu</c> in published configs.</summary>
    public static readonly Activation QuickGelu = Of<QuickGelu>("quick_gelu");

    /// <summary>x · sigmoid(x); <c>silu</c> and <c>swish</c> in published configs.</summary>
    public static readonly Activation Silu = Of<Silu>("silu");

    /// <summary>max(x, 0).</summary>
    public static readonly Activation Relu = Of<Relu>("relu");

    /// <summary>max(x, 0)²; <c>relu2</c> in published configs.</summary>
    public static readonly Activation SquaredRelu = Of<SquaredRelu>("relu2");

    /// <summary>min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, arXiv:1905.02244).</summary>
    public static readonly Activation HardSigmoid = Of<HardSigmoid>("hard_sigmoid");

    /// <summary>x · min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, arXiv:1905.02244).</summary>
    public static readonly Activation HardSwish = Of<HardSwish>("hard_swish");

    private Activation(string name, Type function, Func<double, double> reference)
    {
        Name = name;
        Function = function;
        Reference = reference;
    }

    public string Name { get; }

    /// <summary>The function in double precision.</summary>
    public Func<double, double> Reference { get; }

    /// <summary>The struct that kernels take as type argument.</summary>
    internal Type Function { get; }

    public override string ToString() => Name;

    private static Activation Of<TFunction>(string name) where TFunction : struct, IActivation => new(name, typeof(TFunction), TFunction.Reference);
}

/// <summary>y = x.</summary>
public readonly struct Identity : IActivation
{
    public static float Apply(float x) => x;

    public static double Reference(double x) => x;
}

/// <summary>x · Φ(x).</summary>
public readonly struct Gelu : IActivation
{
    public static float Apply(float x) => x * KernelMath.NormalCdf(x);

    public static double Reference(double x) => x * ReferenceMath.NormalCdf(x);
}

/// <summary>0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) = x · sigmoid(2 √(2/π) (x + 0.044715 x³)).</summary>
public readonly struct GeluTanh : IActivation
{
    public static float Apply(float x) => x * KernelMath.Sigmoid(1.5957691216057308f * XMath.Fma(0.044715f * x, x * x, x));

    public static double Reference(double x) => x / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}

/// <summary>x · sigmoid(1.702 x).</summary>
public readonly struct QuickGelu : IActivation
{
    public static float Apply(float x) => x * KernelMath.Sigmoid(1.702f * x);

    public static double Reference(double x) => x / (1 + Math.Exp(-1.702 * x));
}

/// <summary>x · sigmoid(x).</summary>
public readonly struct Silu : IActivation
{
    public static float Apply(float x) => x * KernelMath.Sigmoid(x);

    public static double Reference(double x) => x / (1 + Math.Exp(-x));
}

/// <summary>max(x, 0); NaN stays NaN.</summary>
public readonly struct Relu : IActivation
{
    public static float Apply(float x) => x < 0f ? 0f : x;

    public static double Reference(double x) => x < 0 ? 0 : x;
}

/// <summary>max(x, 0)²; NaN stays NaN.</summary>
/// <remarks>source: So et al. 2021, arXiv:2109.08668</remarks>
public readonly struct SquaredRelu : IActivation
{
    public static float Apply(float x) => x < 0f ? 0f : x * x;

    public static double Reference(double x) => x < 0 ? 0 : x * x;
}

/// <summary>(x + 3) / 6 between 0 and 1; NaN stays NaN.</summary>
public readonly struct HardSigmoid : IActivation
{
    public static float Apply(float x) => x <= -3f ? 0f : x >= 3f ? 1f : (x + 3f) / 6f;

    public static double Reference(double x) => x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6;
}

/// <summary>x times its <see cref="HardSigmoid"/>; NaN stays NaN.</summary>
public readonly struct HardSwish : IActivation
{
    public static float Apply(float x) => x * HardSigmoid.Apply(x);

    public static double Reference(double x) => x * HardSigmoid.Reference(x);
}
