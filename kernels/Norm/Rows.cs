namespace MmKernels.Kernels;

/// <summary>How row kernels spread over a grid: one warp per row, four warps per block.</summary>
internal static class Rows
{
    public const int GroupSize = 128;

    private const int PerBlock = GroupSize / Warp.WarpSize;

    /// <summary>Inside a kernel: the warp's row.</summary>
    public static int Row => Grid.IdxX * PerBlock + Warp.WarpIdx;

    /// <summary>The number of rows: the product of all dimensions but the last.</summary>
    public static int Count(Graph g, Tensor x)
    {
        g.Require(x.Shape.Rank >= 1 && x.Shape.Elements > 0 && x.Shape.Elements / x.Shape[^1] <= int.MaxValue - PerBlock, x);
        return (int)(x.Shape.Elements / x.Shape[^1]);
    }

    public static int Blocks(int rows) => (rows + PerBlock - 1) / PerBlock;

    /// <summary>
    /// Inside a kernel: the columns that fill whole steps of a warp. Loops over them have the same count in all lanes; the rest is one more step with lanes switched off.
    /// </summary>
    public static int Whole(int columns) => columns & ~(Warp.WarpSize - 1);

    /// <summary>The sum over the warp, the same in every lane.</summary>
    public static float Sum(float value)
    {
        for (int mask = Unroll.From(16); mask > 0; mask >>= 1) value += Warp.ShuffleXor(value, mask);
        return value;
    }

    /// <summary>
    /// The sums over the warp of eight values that each lane holds: lanes 4·i to 4·i + 3 get that of value i. Each step halves the lanes that belong to a value
    /// and the values that a lane holds. Overwrites <paramref name="values"/>.
    /// </summary>
    public static float SumEight(ArrayView<float> values)
    {
        int lane = Warp.LaneIdx;
        for (int width = Unroll.From(4); width > 0; width >>= 1)
            for (int i = Unroll.From(0); i < width; i++)
            {
                bool upper = (lane & (4 * width)) != 0;
                float keep = upper ? values[i + width] : values[i];
                float give = upper ? values[i] : values[i + width];
                values[i] = keep + Warp.ShuffleXor(give, 4 * width);
            }
        float sum = values[0] + Warp.ShuffleXor(values[0], 2);
        return sum + Warp.ShuffleXor(sum, 1);
    }

    /// <summary>The largest value of the warp, NaN ignored, the same in every lane.</summary>
    public static float Max(float value)
    {
        for (int mask = Unroll.From(16); mask > 0; mask >>= 1) value = XMath.Max(value, Warp.ShuffleXor(value, mask));
        return value;
    }
}
