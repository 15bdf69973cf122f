using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class ImageCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach ((int height, int width, int channels, int size) in new[] { (1, 1, 3, 1), (5, 40, 3, 13), (3, 9, 3, 100), (4, 300, 1, 257), (2, 30, 4, 30) })
        {
            yield return Resize(horizontal: true, height, width, channels, size);
            yield return Resize(horizontal: false, width, height, channels, size);
        }
        foreach ((int top, int left, int rows, int columns) in new[] { (0, 0, 17, 23), (3, 5, 8, 8), (-4, -6, 30, 40), (16, 22, 1, 1), (20, 0, 3, 3) })
        {
            yield return Crop(17, 23, top, left, rows, columns, 0x7A7468);
            yield return Normalize(17, 23, top, left, rows, columns, 0x7A7468);
        }
        yield return Normalize(5, 300, 0, 10, 5, 280, 0);
        yield return Tiles(17, 23, 0, 0, 5, 7, 3, 3);
        yield return Tiles(17, 23, -3, -8, 8, 13, 2, 3);
        yield return Tiles(5, 300, 0, 0, 5, 280, 1, 1);
        yield return Patches(17, 23, 0, 0, 17, 23, 4);
        yield return Patches(28, 28, -3, 2, 28, 35, 7);
    }

    /// <summary>Random runs of pixels with random weights, negative ones and sums beyond a byte included; seven of them fit 32 bits, as Pillow's do.</summary>
    private static KernelCase Resize(bool horizontal, int height, int width, int channels, int size)
    {
        int length = horizontal ? width : height, taps = Math.Min(length, 7);
        var random = new Random(length * 1000 + size);
        int[] starts = new int[size], counts = new int[size], weights = new int[size * taps];
        for (int i = 0; i < size; i++)
        {
            counts[i] = random.Next(1, taps + 1);
            starts[i] = random.Next(0, length - counts[i] + 1);
            for (int j = 0; j < taps; j++) weights[i * taps + j] = random.Next(-(1 << 18), 1 << 20);
        }
        return new KernelCase($"resize {(horizontal ? "width" : "height")} {height}x{width}x{channels} to {size}")
        {
            Operands = [Operand.Bytes(height, width, channels), Operand.Ints32(starts), Operand.Ints32(counts), Operand.Ints32(weights, size, taps)],
            Op = (g, t) => [horizontal ? g.ResizeHorizontal(t[0], t[1], t[2], t[3]) : g.ResizeVertical(t[0], t[1], t[2], t[3])],
            Reference = o =>
            {
                byte[] y = new byte[(horizontal ? height : width) * size * channels];
                ResizeKernel.Reference(o[0].Content, starts, counts, weights, y, length, horizontal ? channels : width * channels);
                return [Array.ConvertAll(y, value => (double)value)];
            },
        };
    }

    private static KernelCase Crop(int height, int width, int top, int left, int rows, int columns, uint fill) => new($"crop {height}x{width} at {top},{left} {rows}x{columns}")
    {
        Operands = [Operand.Bytes(height, width, 3)],
        Op = (g, t) => [g.Crop(t[0], top, left, rows, columns, fill)],
        Reference = o =>
        {
            byte[] y = new byte[rows * columns * 3];
            CropKernel.Reference(o[0].Content, y, height, width, top, left, columns, fill);
            return [Array.ConvertAll(y, value => (double)value)];
        },
    };

    private static KernelCase Normalize(int height, int width, int top, int left, int rows, int columns, uint fill) => new($"normalize {height}x{width} at {top},{left} {rows}x{columns}")
    {
        Operands = [Operand.Bytes(height, width, 3), Operand.Normal(DType.F32, 1, 3, 256)],
        Op = (g, t) => [g.Normalize(t[0], t[1], top, left, rows, columns, fill)],
        Reference = o => [Planes(o, height, width, top, left, rows, columns, fill)],
    };

    /// <summary>rows x columns is one tile's size.</summary>
    private static KernelCase Tiles(int height, int width, int top, int left, int rows, int columns, int down, int across) => new($"normalize_tiles {height}x{width} at {top},{left} {down}x{across} of {rows}x{columns}")
    {
        Operands = [Operand.Bytes(height, width, 3), Operand.Normal(DType.F32, 1, 3, 256)],
        Op = (g, t) =>
        {
            var y = g.New(DType.F32, down * across, 3, rows, columns);
            g.NormalizeTiles(t[0], t[1], y, top, left, across, 0x7A7468);
            return [y];
        },
        Reference = o =>
        {
            float[] y = new float[down * across * 3 * rows * columns];
            NormalizeKernel.Reference(o[0].Content, o[1].Floats, y, height, width, top, left, rows, columns, across, 0x7A7468);
            return [Array.ConvertAll(y, value => (double)value)];
        },
    };

    private static KernelCase Patches(int height, int width, int top, int left, int rows, int columns, int patch) => new($"normalize_patches {height}x{width} at {top},{left} {rows}x{columns} by {patch}")
    {
        Operands = [Operand.Bytes(height, width, 3), Operand.Normal(DType.F32, 1, 3, 256)],
        Op = (g, t) => [g.NormalizePatches(t[0], t[1], top, left, rows, columns, patch, 0x102030)],
        Reference = o =>
        {
            double[] y = new double[rows / patch * (columns / patch) * 3 * patch * patch];
            PatchEmbedKernel.Reference(Array.ConvertAll(Planes(o, height, width, top, left, rows, columns, 0x102030), value => (float)value), y, 3, rows, columns, patch);
            return [y];
        },
    };

    private static double[] Planes(Operand[] o, int height, int width, int top, int left, int rows, int columns, uint fill)
    {
        float[] y = new float[3 * rows * columns];
        NormalizeKernel.Reference(o[0].Content, o[1].Floats, y, height, width, top, left, rows, columns, perRow: 1, fill);
        return Array.ConvertAll(y, value => (double)value);
    }
}
