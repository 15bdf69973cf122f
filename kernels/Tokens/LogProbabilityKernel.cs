namespace MmKernels.Kernels;

/// <summary>y = ln softmax(logits) of the chosen token of each row and of its most probable ones.</summary>
/// <remarks>
/// shapes  : logits [rows, .., columns], chosen I32 [rows] -> values F32 [rows, 1 + count]: the chosen token's, then the largest in order; tokens I32 [rows, count]: theirs
/// launch  : one block of 512 threads per row
/// traffic : the row read twice, and once for each of the most probable tokens
/// numbers : of the logits as the model makes them, before penalties, temperature and filters; the sum in whole numbers (<see cref="TokenMass"/>), so that its order does not matter;
///           within 1e-6 · (1 + |largest - logit|) of Reference. Among equals the lowest token comes first; beyond the vocabulary -1 and -∞;
///           NaN where the row has no largest finite logit or the chosen token is outside it
/// </remarks>
public static class LogProbabilityKernel
{
    private const int GroupSize = 512;
    private const int Warps = GroupSize / Warp.WarpSize;
    private const float Ln2 = 0.6931472f;

    /// <summary>F32 [rows, 1 + count] and I32 [rows, count].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="logits">[rows, .., columns].</param>
    /// <param name="chosen">I32 [rows].</param>
    /// <param name="count">How many of the most probable tokens, 0 to 64.</param>
    public static (Tensor Values, Tensor Tokens) LogProbabilities(this Graph g, Tensor logits, Tensor chosen, int count)
    {
        int rows = Rows.Count(g, logits);
        g.Require(chosen.Shape.Elements == rows && count is >= 0 and <= 64, chosen, logits);
        Tensor values = g.New(DType.F32, rows, 1 + count), tokens = g.New(DType.I32, rows, count);
        g.Launch(new KernelRef(typeof(LogProbabilityKernel), nameof(Kernel), KernelRef.Element(logits.DType)), rows, GroupSize, logits, chosen, values, tokens, logits.Shape[^1], count);
        return (values, tokens);
    }

    internal static void Kernel<T>(In<T> logits, In<int> chosen, Out<float> values, Out<int> tokens, int columns, int count) where T : unmanaged, IElement<T>
    {
        ArrayView<int> keys = SharedMemory.Allocate<int>(Warps);
        ArrayView<int> places = SharedMemory.Allocate<int>(Warps);
        ArrayView<long> sums = SharedMemory.Allocate<long>(Warps);
        int row = Grid.IdxX;
        In<T> scores = logits.SubView((long)row * columns);

        int key = Below(scores, columns, int.MaxValue, int.MaxValue, keys, places, out int place);
        float largest = scores[place];
        bool finite = key != Largest.NotANumber && largest < float.PositiveInfinity && largest > float.NegativeInfinity;
        long sum = 0;
        for (int i = Group.IdxX; i < columns; i += GroupSize) sum += TokenMass.Of(scores[i], largest, 1f);
        for (int mask = Unroll.From(16); mask > 0; mask >>= 1) sum += Warp.ShuffleXor(sum, mask);
        if (Warp.LaneIdx == 0) sums[Warp.WarpIdx] = sum;
        Group.Barrier();
        sum = 0;
        for (int w = 0; w < Warps; w++) sum += sums[w];
        float whole = XMath.Log2(sum * (1f / TokenMass.One)) * Ln2;

        int token = chosen[row];
        int known = XMath.Max(0, XMath.Min(token, columns - 1));
        if (Group.IdxX == 0) values[row * (1 + count)] = finite && token == known ? scores[known] - largest - whole : float.NaN;
        for (int i = 0; i < count; i++)
        {
            if (Group.IdxX == 0)
            {
                bool there = i < columns;
                values[row * (1 + count) + 1 + i] = !finite ? float.NaN : there ? scores[place] - largest - whole : float.NegativeInfinity;
                tokens[row * count + i] = there ? place : -1;
            }
            if (i + 1 < columns && i + 1 < count) key = Below(scores, columns, key, place, keys, places, out place);
        }
    }

    /// <summary>The largest key, and its place, of those behind a key and place in the order of falling keys and rising places.</summary>
    private static int Below<T>(In<T> scores, int columns, int key, int place, ArrayView<int> keys, ArrayView<int> places, out int found) where T : unmanaged, IElement<T>
    {
        int best = int.MinValue;
        found = int.MaxValue;
        for (int i = Group.IdxX; i < columns; i += GroupSize)
        {
            int own = Largest.Key(scores[i]);
            bool better = own > best && (place == int.MaxValue || own < key || (own == key && i > place));
            found = better ? i : found;
            best = better ? own : best;
        }
        Largest.MergeBlock(ref best, ref found, Warps, keys, places);
        return best;
    }

    /// <summary>The logarithms of all tokens' probabilities.</summary>
    public static void Reference(ReadOnlySpan<float> logits, Span<double> y)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits) largest = Math.Max(largest, logit);
        foreach (float logit in logits) sum += Math.Exp(logit - largest);
        for (int i = 0; i < y.Length; i++) y[i] = logits[i] - largest - Math.Log(sum);
    }
}
