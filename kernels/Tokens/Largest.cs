namespace MmKernels.Kernels;

/// <summary>Inside a kernel: values as whole numbers that order like them, and the first of the largest of a row that a block reads together.</summary>
internal static class Largest
{
    /// <summary>The key of every NaN, above all others.</summary>
    public const int NotANumber = int.MaxValue;

    /// <summary>The key of negative infinity, below all others.</summary>
    public const int Nothing = unchecked((int)0x807FFFFF);

    /// <summary>Whole numbers in the order of the values: zeros equal, every NaN the largest.</summary>
    public static int Key(float value)
    {
        int bits = Interop.FloatAsInt(value == 0f ? 0f : value);
        int ordered = bits < 0 ? bits ^ 0x7FFFFFFF : bits;
        return value <= float.PositiveInfinity ? ordered : NotANumber;
    }

    /// <summary>The largest key of the warp, and among equals the lowest place, in every lane.</summary>
    public static void Merge(ref int best, ref int place)
    {
        for (int mask = Unroll.From(16); mask > 0; mask >>= 1)
        {
            int otherBest = Warp.ShuffleXor(best, mask), otherPlace = Warp.ShuffleXor(place, mask);
            bool better = otherBest > best || (otherBest == best && otherPlace < place);
            best = better ? otherBest : best;
            place = better ? otherPlace : place;
        }
    }

    /// <summary>The same over the block, in every thread; a barrier ends it.</summary>
    /// <param name="best">The thread's largest key.</param>
    /// <param name="place">Its place.</param>
    /// <param name="warps">Warps of the block.</param>
    /// <param name="keys">Shared, one per warp.</param>
    /// <param name="places">Shared, one per warp.</param>
    public static void MergeBlock(ref int best, ref int place, int warps, ArrayView<int> keys, ArrayView<int> places)
    {
        Merge(ref best, ref place);
        if (Warp.LaneIdx == 0)
        {
            keys[Warp.WarpIdx] = best;
            places[Warp.WarpIdx] = place;
        }
        Group.Barrier();
        best = keys[0];
        place = places[0];
        for (int w = 1; w < warps; w++)
        {
            bool better = keys[w] > best || (keys[w] == best && places[w] < place);
            best = better ? keys[w] : best;
            place = better ? places[w] : place;
        }
        Group.Barrier();   // everyone has read them
    }
}
