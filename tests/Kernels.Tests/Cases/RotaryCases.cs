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
        foreach ((int heads, int headDim, int half) in new[] { (1, 2, 1), (3, 16, 8), (5, 15, 6), (2, 80, 32) })
            yield return Rotary(DType.F32, heads, headDim, half, 1f, [0, 5, 77, 4095], RotaryPairs.Neighbours);
        foreach ((int heads, int headDim, int half) in new[] { (2, 6, 3), (6, 16, 8), (8, 70, 35) })   // two rows of positions
            yield return Rotary(DType.F32, heads, headDim, half, 1f, [0, 5, 77, 3, 1, 0], axes: 2);
        yield return Rotary(DType.BF16, 4, 20, 8, 1f, [9, 5, 77, 3], RotaryPairs.Neighbours, axes: 2);
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 }) yield return LogPosition(type, 3, 33, 7);
        yield return LogPosition(DType.F32, 1, 1, 2);
        yield return Rotary(DType.F16, 2, 32, 16, 1f, [0, 77, 2000]);
        yield return Rotary(DType.BF16, 2, 32, 16, 1f, [0, 77, 2000]);
    }

    private static KernelCase Rotary(DType type, int heads, int headDim, int half, float magnitude, int[] positions, RotaryPairs? pairs = null, int axes = 1)
    {
        float[] frequencies = Enumerable.Range(0, half).Select(j => (float)Math.Pow(10000, -(double)j / half)).ToArray();
        return new KernelCase($"rotary {type} {heads}x{headDim} half {half} magnitude {magnitude} up to {positions[^1]}, {pairs ?? RotaryPairs.Halves}, {axes} axes")
        {
            Operands = [Operand.Normal(type, 1, positions.Length / axes, heads * headDim), Operand.Ints32(positions), Operand.Of(DType.F32, frequencies, half)],
            Op = (g, t) => [g.Rotary(t[0], t[1], t[2], heads, magnitude, pairs)],
            Reference = o =>
            {
                double[] y = new double[o[0].Floats.Length];
                RotaryKernel.Reference(o[0].Floats, o[1].Ints, o[2].Floats, y, heads, headDim, magnitude, pairs == RotaryPairs.Neighbours);
                return [y];
            },
            Tolerance = y => 1e-6 * (1 + Math.Abs(y)),   // sin and cos are within 2e-7, |x| is up to 4
        };
    }

    private static KernelCase LogPosition(DType type, int tokens, int width, int trained)
    {
        int[] positions = [.. Enumerable.Range(0, tokens).Select(i => i * i * 20 + trained - 1)];
        return new KernelCase($"log_position {type} {tokens}x{width} trained {trained}")
        {
            Operands = [Operand.Normal(type, 1, tokens, width), Operand.Ints32(positions)],
            Op = (g, t) => [g.LogPosition(t[0], t[1], trained)],
            Reference = o =>
            {
                double[] y = new double[tokens * width];
                LogPositionKernel.Reference(o[0].Floats, positions, y, trained);
                return [y];
            },
            Tolerance = y => 2e-6 * Math.Abs(y),   // the factor's 1e-6 and the product's rounding
        };
    }
}
