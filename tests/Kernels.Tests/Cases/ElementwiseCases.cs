using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class ElementwiseCases
{
    private static readonly Activation[] Activations = [Activation.Gelu, Activation.GeluTanh, Activation.QuickGelu, Activation.Silu, Activation.Relu, Activation.SquaredRelu, Activation.HardSigmoid, Activation.HardSwish];

    /// <summary>Around the edges of a step (32), of a warp's share (256) and of a block's (2048).</summary>
    private static readonly int[] Sizes = [1, 31, 32, 33, 255, 256, 257, 2047, 2048, 2049, 4703];

    private static readonly float[] Special =
    [
        0f, -0f, 1f, -1f, 1e-30f, -1e-30f, 1e-40f, 1.3f, 1.2999999f, 1.3000001f, -1.3f, 5f, -5f, 13.9f, -13.9f, 14.1f, -14.1f, 60f, -60f, 88f, -88f, 90f, -90f, 104f, -104f, 1e4f, -1e4f, 1e30f,
        float.NaN, float.PositiveInfinity,
    ];

    /// <summary>Ties, denormal numbers, the largest numbers and what overflows.</summary>
    private static readonly float[] SpecialHalves =
    [
        0f, -0f, 1f + 1f / 2048, 1f + 3f / 2048, -1f - 1f / 2048, 65504f, 65519f, 65520f, -70000f, 6e-8f, 2.9e-8f, 3e-8f, 6.1e-5f, 5.9604645e-8f, 1f + 1f / 256, 1f + 3f / 256, 3.3895314e38f, 1e-39f,
        float.PositiveInfinity, float.NegativeInfinity, float.MaxValue,
    ];

    public static IEnumerable<KernelCase> All()
    {
        foreach (Activation activation in Activations)
        {
            foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 }) yield return Activate($"{activation} {type} 3x111", activation, Operand.Normal(type, 3, 3, 111));
            // a square beyond single precision is infinite there and not in the reference
            float[] special = activation == Activation.SquaredRelu ? [.. Special.Where(x => !(x > 1e18f) || float.IsInfinity(x))] : Special;
            yield return Activate($"{activation} F32 special values", activation, Operand.Of(DType.F32, special, special.Length));
        }
        yield return SoftCap(Operand.Normal(DType.F32, 20, 3, 111), 4f);
        yield return SoftCap(Operand.Normal(DType.F32, 50, 2049), 30f);
        yield return SoftCap(Operand.Normal(DType.F16, 20, 3, 111), 4f);
        yield return SoftCap(Operand.Normal(DType.BF16, 20, 3, 111), 4f);
        foreach (int size in Sizes)
        {
            yield return Activate($"silu F32 {size}", Activation.Silu, Operand.Normal(DType.F32, 2, size));
            yield return Add($"add F32 {size}", Operand.Normal(DType.F32, 1, size), Operand.Normal(DType.F32, 1, size));
            yield return Copy($"copy F32 to F16 {size}", Operand.Normal(DType.F32, 10, size), DType.F16);
        }
        yield return Add("add F32 repeating F16", Operand.Normal(DType.F32, 1, 3, 5, 37), Operand.Normal(DType.F16, 1, 37));
        yield return Add("add BF16 repeating BF16 rows", Operand.Normal(DType.BF16, 1, 4, 5, 7), Operand.Normal(DType.BF16, 1, 5, 7));
        yield return Add("add F16", Operand.Normal(DType.F16, 1, 129), Operand.Normal(DType.F16, 1, 129));
        foreach (DType from in new[] { DType.F32, DType.F16, DType.BF16 })
            foreach (DType to in new[] { DType.F32, DType.F16, DType.BF16 })
                yield return Copy($"copy {from} to {to}", Operand.Normal(from, 5, 333), to);
        yield return Copy("copy F32 to F16 special values", Operand.Of(DType.F32, SpecialHalves, SpecialHalves.Length), DType.F16);
        yield return Copy("copy F32 to BF16 special values", Operand.Of(DType.F32, SpecialHalves, SpecialHalves.Length), DType.BF16);
        yield return Multiply("multiply F32 257", Operand.Normal(DType.F32, 1, 257), Operand.Normal(DType.F32, 2, 257));
        yield return Multiply("multiply BF16 repeating F32", Operand.Normal(DType.BF16, 1, 3, 37), Operand.Normal(DType.F32, 1, 37));
        foreach ((int matrices, int rows, int columns) in new[] { (1, 1, 1), (1, 31, 33), (2, 32, 32), (3, 65, 1), (1, 40, 100) })
            yield return Transpose(DType.F32, matrices, rows, columns);
        yield return Transpose(DType.F16, 2, 33, 7);
        yield return Transpose(DType.BF16, 2, 33, 7);
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 }) yield return Gated($"swiglu {type} 5x433", Operand.Normal(type, 2, 5, 433), Operand.Normal(type, 2, 5, 433, 1), Activation.Silu);
        yield return Gated("geglu F32 1025", Operand.Normal(DType.F32, 2, 1025), Operand.Normal(DType.F32, 1, 1025), Activation.GeluTanh);
    }

    /// <summary>1e-6 relative (KernelMath); where f is as small as e^-u, the rounding of u itself counts: 2^-24 · u, for a polynomial in x a few times that.</summary>
    private static double Near(double y) => 1e-6 * Math.Abs(y) * (1 - Math.Min(0, Math.Log(Math.Max(Math.Abs(y), 1e-37))) / 5) + 1e-37;

    private static KernelCase Activate(string name, Activation activation, Operand x) => new(name)
    {
        Operands = [x],
        Op = (g, t) => [g.Activate(t[0], activation)],
        Reference = o =>
        {
            double[] y = new double[o[0].Floats.Length];
            ActivationKernel.Reference(o[0].Floats, y, activation);
            return [y];
        },
        Tolerance = Near,
    };

    private static KernelCase Add(string name, Operand a, Operand b) => new(name)
    {
        Operands = [a, b],
        Op = (g, t) => [g.Add(t[0], t[1])],
        Reference = o =>
        {
            double[] y = new double[o[0].Floats.Length];
            AddKernel.Reference(o[0].Floats, o[1].Floats, y);
            return [y];
        },
        Tolerance = a.Type == DType.F32 ? null : y => Storage.HalfUlp(DType.F32, y),   // the f32 sum is rounded once more
    };

    private static KernelCase Multiply(string name, Operand a, Operand b) => new(name)
    {
        Operands = [a, b],
        Op = (g, t) => [g.Multiply(t[0], t[1])],
        Reference = o =>
        {
            double[] y = new double[o[0].Floats.Length];
            MultiplyKernel.Reference(o[0].Floats, o[1].Floats, y);
            return [y];
        },
        Tolerance = a.Type == DType.F32 ? null : y => Storage.HalfUlp(DType.F32, y),   // the f32 product is rounded once more
    };

    private static KernelCase Transpose(DType type, int matrices, int rows, int columns) => new($"transpose {type} {matrices}x{rows}x{columns}")
    {
        Operands = [Operand.Normal(type, 1, matrices, rows, columns)],
        Op = (g, t) => [g.Transpose(t[0])],
        Reference = o =>
        {
            double[] y = new double[matrices * rows * columns];
            TransposeKernel.Reference(o[0].Floats, y, rows, columns);
            return [y];
        },
    };

    private static KernelCase Copy(string name, Operand x, DType type) => new(name)
    {
        Operands = [x],
        Op = (g, t) => [g.Copy(t[0], type)],
        Reference = o => [Storage.Decode(type, Storage.Encode(type, Array.ConvertAll(o[0].Floats, value => (double)value)))],   // .NET's own rounding, to the bit
    };

    private static KernelCase SoftCap(Operand x, float cap) => new($"soft_cap {x.Type} {string.Join("x", x.Dims)} to {cap}")
    {
        Operands = [x],
        Op = (g, t) => [g.SoftCap(t[0], cap)],
        Reference = o =>
        {
            double[] y = new double[o[0].Floats.Length];
            SoftCapKernel.Reference(o[0].Floats, y, cap);
            return [y];
        },
        Tolerance = _ => 5e-7 * cap,   // as the card says: a few roundings of numbers up to cap
    };

    private static KernelCase Gated(string name, Operand gate, Operand up, Activation activation) => new(name)
    {
        Operands = [gate, up],
        Op = (g, t) => [g.GatedActivation(t[0], t[1].Reshape(t[0].Shape.Dims), activation)],
        Reference = o =>
        {
            double[] y = new double[o[0].Floats.Length];
            SwiGluKernel.Reference(o[0].Floats, o[1].Floats, y, activation);
            return [y];
        },
        Tolerance = y => 1.2 * Near(y),
    };
}
