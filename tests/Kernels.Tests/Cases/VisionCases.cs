using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class VisionCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach ((int images, int channels, int height, int width, int patch) in new[] { (1, 3, 7, 7, 7), (2, 3, 28, 21, 7), (1, 1, 5, 9, 2), (3, 3, 14, 30, 14), (1, 3, 40, 23, 12) })
            yield return Patchify(DType.F32, images, channels, height, width, patch);
        yield return Patchify(DType.F16, 1, 3, 14, 14, 7);
        yield return Patchify(DType.BF16, 1, 3, 14, 14, 7);
        yield return PatchEmbed(2, 21, 35, 7, 20);
        foreach ((DType type, DType weights) in AllCases.StorageTypes)
        {
            yield return Embeddings(type, weights, 2, 9, 33);
            yield return Embeddings(type, weights, 1, 1, 5);
        }
        yield return Interpolate(DType.F32, 1, 6, 6, 9, 5, 48);
        yield return Interpolate(DType.F32, 0, 3, 4, 3, 4, 7);
        yield return Interpolate(DType.F16, 1, 5, 5, 2, 11, 33);
        yield return Interpolate(DType.BF16, 2, 1, 1, 3, 3, 4);
        yield return Interpolate(DType.F32, 1, 24, 24, 16, 31, 5);
        foreach ((DType type, DType weights) in AllCases.StorageTypes) yield return Depthwise(type, weights, 2, 5, 7, 33, 3, 1, bias: true);
        yield return Depthwise(DType.F32, DType.F32, 1, 7, 7, 40, 3, 2, bias: false);
        yield return Depthwise(DType.F32, DType.F32, 1, 1, 2, 3, 5, 1, bias: true);
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 }) yield return AdaptivePool(type, 2, 16, 17, 33, 12, 12);
        yield return AdaptivePool(DType.F32, 1, 24, 24, 5, 12, 12);
        yield return AdaptivePool(DType.F32, 1, 3, 2, 40, 5, 4);   // more bins than pixels
    }

    private static KernelCase Depthwise(DType type, DType weights, int images, int rows, int columns, int channels, int k, int stride, bool bias)
        => new($"depthwise_conv {type} {weights} {images}x{rows}x{columns}x{channels} by {k} stride {stride}{(bias ? " bias" : "")}")
        {
            Operands = [Operand.Normal(type, 1, images, rows, columns, channels), Operand.Normal(weights, 1, channels, 1, k, k), Operand.Normal(weights, 1, channels)],
            Op = (g, t) => [g.DepthwiseConv(t[0], t[1], bias ? t[2] : null, stride)],
            Reference = o =>
            {
                double[] y = new double[images * ((rows - 1) / stride + 1) * ((columns - 1) / stride + 1) * channels];
                DepthwiseConvKernel.Reference(o[0].Floats, o[1].Floats, bias ? o[2].Floats : [], y, rows, columns, channels, k, stride);
                return [y];
            },
            Tolerance = _ => k * k * 20 * Math.ScaleB(1, -24),   // k² roundings of sums of up to about 20
        };

    private static KernelCase AdaptivePool(DType type, int images, int rows, int columns, int channels, int toRows, int toColumns)
        => new($"adaptive_pool {type} {images}x{rows}x{columns}x{channels} to {toRows}x{toColumns}")
        {
            Operands = [Operand.Normal(type, 1, images, rows, columns, channels)],
            Op = (g, t) => [g.AdaptiveMeanPool(t[0], toRows, toColumns)],
            Reference = o =>
            {
                double[] y = new double[images * toRows * toColumns * channels];
                AdaptivePoolKernel.Reference(o[0].Floats, y, rows, columns, channels, toRows, toColumns);
                return [y];
            },
            Tolerance = _ => 1e-6,   // up to nine roundings of sums of up to about 10
        };

    private static KernelCase Patchify(DType type, int images, int channels, int height, int width, int patch) => new($"patchify {type} {images}x{channels}x{height}x{width} by {patch}")
    {
        Operands = [Operand.Normal(type, 1, images, channels, height, width)],
        Op = (g, t) => [g.Patchify(t[0], patch)],
        Reference = o =>
        {
            double[] y = new double[images * (height / patch) * (width / patch) * channels * patch * patch];
            PatchEmbedKernel.Reference(o[0].Floats, y, channels, height, width, patch);
            return [y];
        },
    };

    /// <summary>Against the convolution's own formula.</summary>
    private static KernelCase PatchEmbed(int images, int height, int width, int patch, int hidden) => new($"patch_embed {images}x3x{height}x{width} by {patch} to {hidden}")
    {
        Operands = [Operand.Normal(DType.F32, 1, images, 3, height, width), Operand.Normal(DType.F32, 0.1, hidden, 3, patch, patch), Operand.Normal(DType.F32, 1, hidden)],
        Op = (g, t) => [g.PatchEmbed(t[0], t[1], t[2])],
        Reference = o =>
        {
            float[] x = o[0].Floats, w = o[1].Floats, b = o[2].Floats;
            int rows = height / patch, columns = width / patch;
            double[] y = new double[images * rows * columns * hidden];
            for (int i = 0; i < y.Length; i++)
            {
                int feature = i % hidden, column = i / hidden % columns, row = i / hidden / columns % rows, image = i / hidden / columns / rows;
                y[i] = b[feature];
                for (int j = 0; j < 3 * patch * patch; j++)
                {
                    int channel = j / (patch * patch), dy = j / patch % patch, dx = j % patch;
                    y[i] += (double)w[feature * 3 * patch * patch + j] * x[((image * 3 + channel) * height + row * patch + dy) * width + column * patch + dx];
                }
            }
            return [y];
        },
        Tolerance = y => 1e-5 * (1 + Math.Abs(y)),   // 147 products of deviation 0.1 in one f32 chain
    };

    private static KernelCase Embeddings(DType type, DType weights, int images, int count, int hidden) => new($"vision_embeddings {type} {weights} {images}x{count}x{hidden}")
    {
        Operands = [Operand.Normal(type, 1, images, count, hidden), Operand.Normal(weights, 1, hidden), Operand.Normal(weights, 1, count + 1, hidden)],
        Op = (g, t) => [g.VisionEmbeddings(t[0], t[1], t[2])],
        Reference = o =>
        {
            double[] y = new double[images * (count + 1) * hidden];
            VisionEmbeddingsKernel.Reference(o[0].Floats, o[1].Floats, o[2].Floats, y, count, hidden);
            return [y];
        },
        Tolerance = type == DType.F32 ? null : y => Storage.HalfUlp(DType.F32, y),   // the f32 sum is rounded once more
    };

    private static KernelCase Interpolate(DType weights, int prefix, int fromRows, int fromColumns, int rows, int columns, int hidden) => new($"interpolate_positions {weights} {prefix}+{fromRows}x{fromColumns} to {rows}x{columns} of {hidden}")
    {
        Operands = [Operand.Normal(weights, 1, prefix + fromRows * fromColumns, hidden)],
        Op = (g, t) => [g.InterpolatePositions(t[0], prefix, fromRows, fromColumns, rows, columns)],
        Reference = o =>
        {
            double[] y = new double[(prefix + rows * columns) * hidden];
            InterpolatePositionsKernel.Reference(o[0].Floats, y, prefix, fromRows, fromColumns, rows, columns, hidden);
            return [y];
        },
        Tolerance = _ => 2e-5,   // coordinates up to 31 in f32 are off by 2e-6, the weights change by up to 1.4 per pixel, values are up to 4
    };
}
