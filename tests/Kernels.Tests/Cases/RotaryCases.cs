using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class RotaryCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach ((int tokens, int heads, int headDim, int half) in new[] { (1, 1, 2, 1), (5, 3, 16, 8), (3, 5, 32, 16), (4, 2, 20, 10), (3, 2, 80, 16), (2, 3, 7, 3), (2, 2, 128, 64) })
            yield return Rotary(DType.F32, heads, headDim, half, 1f, Enumerable.Range(0, tokens).Select(i => i * i * 7 + 1).ToArray());
        yield return Rotary(DType.F32, 1, 64, 32, 1f, [0, 1, 4095, 8191, 32767, 65535, 99999, 100000]);
        yield return Rotary(DType.F32, 2, 32, 16, 1.25f, [3, 300]);
        yield return Rotary(DType.F16, 2, 32, 16, 1f, [0, 77, 2000]);
        yield return Rotary(DType.BF16, 2, 32, 16, 1f, [0, 77, 2000]);
    }

    private static KernelCase Rotary(DType type, int heads, int headDim, int half, float magnitude, int[] positions)
    {
        float[] frequencies = Enumerable.Range(0, half).Select(j => (float)Math.Pow(10000, -(double)j / half)).ToArray();
        return new KernelCase($"rotary {type} {heads}x{headDim} half {half} magnitude {magnitude} up to {positions[^1]}")
        {
            Operands = [Operand.Normal(type, 1, positions.Length, heads * headDim), Operand.Ints32(positions), Operand.Of(DType.F32, frequencies, half)],
            Op = (g, t) => [g.Rotary(t[0], t[1], t[2], heads, magnitude)],
            Reference = o =>
            {
                double[] y = new double[o[0].Floats.Length];
                RotaryKernel.Reference(o[0].Floats, o[1].Ints, o[2].Floats, y, heads, headDim, magnitude);
                return [y];
            },
            Tolerance = y => 1e-6 * (1 + Math.Abs(y)),   // sin and cos are within 2e-7, |x| is up to 4
        };
    }
}
