namespace MmKernels.Kernels;

/// <summary>A token of each row of logits: the most probable one, or one drawn by its probability among those that top-k, top-p and min-p leave.</summary>
/// <remarks>
/// shapes  : logits [rows, .., columns], chances F32 [rows, 6], choices I32 [rows, 4] (<see cref="SamplingLayout"/>), held I32 [rows], marks I32 [rows, columns] or none -> y I32 [rows]
/// launch  : one block of 512 threads per row, shared 17 KB
/// traffic : the row once for its maximum; where it is drawn from, three times more for each of top-k and top-p and twice for the draw (it stays in the cache)
/// numbers : in this order, as transformers does: repetition, presence and frequency penalties, temperature, top-k, top-p, min-p.
///           top-k keeps the scores not below the k-th largest; top-p those that less than p of the mass lies above; min-p those of at least min-p of the largest's mass.
///           Equal scores stay or go together; one always stays. Temperature 0 takes the first of the largest.
///           Masses are whole numbers (<see cref="TokenMass"/>) and thresholds are found exactly, by histograms over keys that order like the scores.
///           The random number depends on seed, sequence and the token's position held + ahead alone: the same token on every device, in every batch.
///           -1 where a score is NaN or no token may be chosen
/// source  : transformers, generation/logits_process.py; Holtzman et al. 2019, arXiv:1904.09751; Nguyen et al. 2024, arXiv:2407.01082
/// </remarks>
public static class SampleKernel
{
    private const int GroupSize = 512;
    private const int Warps = GroupSize / Warp.WarpSize;
    private const int Bins = 2048;
    private const int Run = Bins / GroupSize;   // bins of a thread

    /// <summary>I32 [rows]: the chosen tokens.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="logits">[rows, .., columns].</param>
    /// <param name="chances">F32 [rows, 6].</param>
    /// <param name="choices">I32 [rows, 4].</param>
    /// <param name="held">I32 [rows]: tokens that each sequence's cache held before this graph began.</param>
    /// <param name="ahead">Tokens that this graph appends.</param>
    /// <param name="marks">I32 [rows, columns], see <see cref="MarkTokensKernel"/>; null where nothing is penalised.</param>
    public static Tensor Sample(this Graph g, Tensor logits, Tensor chances, Tensor choices, Tensor held, int ahead, Tensor? marks = null)
    {
        int rows = Rows.Count(g, logits), columns = logits.Shape[^1];
        g.Require(chances.Shape == new Shape(rows, SamplingLayout.Chances) && choices.Shape == new Shape(rows, SamplingLayout.Choices), logits, chances, choices);
        g.Require(held.Shape.Elements == rows, held, logits);
        if (marks is not null) g.Require(marks.Shape == new Shape(rows, columns), marks, logits);
        Tensor y = g.New(DType.I32, rows);
        g.Launch(new KernelRef(typeof(SampleKernel), nameof(Kernel), KernelRef.Element(logits.DType)), rows, GroupSize,
            logits, marks ?? g.New(DType.I32, 0), chances, choices, held, y, columns, ahead);
        return y;
    }

    internal static void Kernel<T>(In<T> logits, In<int> marks, In<float> chances, In<int> choices, In<int> held, Out<int> y, int columns, int ahead) where T : unmanaged, IElement<T>
    {
        ArrayView<long> bins = SharedMemory.Allocate<long>(Bins);
        ArrayView<long> totals = SharedMemory.Allocate<long>(Warps);
        ArrayView<int> keys = SharedMemory.Allocate<int>(Warps);
        ArrayView<int> places = SharedMemory.Allocate<int>(Warps);
        int row = Grid.IdxX;
        In<float> chance = chances.SubView(row * SamplingLayout.Chances);
        In<int> choice = choices.SubView(row * SamplingLayout.Choices);
        var scores = new TokenScores<T>(logits.SubView((long)row * columns), marks.View.IntLength == 0 ? marks : marks.SubView((long)row * columns), chance, columns);

        int best = int.MinValue, place = int.MaxValue;
        for (int i = Group.IdxX; i < columns; i += GroupSize)
        {
            int key = Largest.Key(scores[i]);
            place = key > best ? i : place;
            best = XMath.Max(key, best);
        }
        Largest.MergeBlock(ref best, ref place, Warps, keys, places);
        bool possible = best != Largest.NotANumber && best != Largest.Nothing;
        if (!possible || !(scores.Temperature > 0f))
        {
            if (Group.IdxX == 0) y[row] = possible ? place : -1;
            return;
        }

        float largest = scores[place];
        int least = Largest.Nothing;
        int k = choice[SamplingLayout.TopK];
        if (k > 0 && k < columns) least = Threshold<T, CountWeight>(scores, largest, least, best, k, bins, totals);
        float p = chance[SamplingLayout.TopP];
        if (p < 1f) least = Threshold<T, MassWeight>(scores, largest, least, best, p, bins, totals);
        long lightest = TokenMass.Share(TokenMass.One, chance[SamplingLayout.MinP]);
        ulong random = Philox.Draw((uint)choice[SamplingLayout.SeedLow], (uint)choice[SamplingLayout.SeedHigh], (uint)choice[SamplingLayout.Sequence], (uint)(held[row] + ahead));
        int token = Draw(scores, largest, least, lightest, random, bins, totals);
        if (Group.IdxX == 0) y[row] = token;
    }

    /// <summary>
    /// The largest key that the weights of the scores from it upwards reach the target with. Each round sorts the keys from low to high into bins, the highest
    /// first, and goes on in the bin in which the target is reached; three rounds leave one key.
    /// </summary>
    private static int Threshold<T, TWeight>(TokenScores<T> scores, float largest, int low, int high, float wanted, ArrayView<long> bins, ArrayView<long> totals)
        where T : unmanaged, IElement<T>
        where TWeight : struct, ITokenWeight
    {
        long rest = -1;   // weight before the target that lies in the range
        while (low < high)
        {
            int shift = 0;
            while (Distance(high, low) >> shift >= Bins) shift++;
            Clear(bins);
            for (int i = Group.IdxX; i < scores.Columns; i += GroupSize)
            {
                float score = scores[i];
                int key = Largest.Key(score);
                if (key >= low && key <= high) Atomic.Add(ref bins[(int)(Distance(high, key) >> shift)], TWeight.Of(score, largest, scores.Temperature));
            }
            Group.Barrier();
            long all = Scan(bins, totals, out long before, out long own);
            if (rest < 0) rest = TWeight.Target(all, wanted) - 1;
            int bin = Find(bins, totals, before, own, ref rest);
            high = (int)((uint)high - ((uint)bin << shift));
            low = XMath.Max(low, (int)((uint)high - (1u << shift) + 1u));
        }
        return low;
    }

    /// <summary>The token in whose mass the random share of the whole mass lies, counted in the order of the vocabulary.</summary>
    private static int Draw<T>(TokenScores<T> scores, float largest, int least, long lightest, ulong random, ArrayView<long> bins, ArrayView<long> totals) where T : unmanaged, IElement<T>
    {
        long rest = -1;
        int first = 0, count = scores.Columns;
        while (count > 1)
        {
            int length = count > Warp.WarpSize ? XMath.Max(Warp.WarpSize, (count + Bins - 1) / Bins) : 1;   // of the stretch that a bin sums
            Clear(bins);
            for (int bin = Warp.WarpIdx; bin * length < count; bin += Warps)
            {
                int end = XMath.Min(count, (bin + 1) * length);
                long sum = 0;
                for (int i = bin * length + Warp.LaneIdx; i < end; i += Warp.WarpSize)
                {
                    float score = scores[first + i];
                    long mass = TokenMass.Of(score, largest, scores.Temperature);
                    sum += Largest.Key(score) >= least && mass >= lightest ? mass : 0;
                }
                for (int mask = Unroll.From(16); mask > 0; mask >>= 1) sum += Warp.ShuffleXor(sum, mask);
                if (Warp.LaneIdx == 0) bins[bin] = sum;
            }
            Group.Barrier();
            long all = Scan(bins, totals, out long before, out long own);
            if (rest < 0) rest = TokenMass.Scale(all, random);
            int found = Find(bins, totals, before, own, ref rest);
            first += found * length;
            count = XMath.Min(length, count - found * length);
        }
        return first;
    }

    /// <summary>high - low of keys, which may be further apart than an int reaches.</summary>
    private static uint Distance(int high, int low) => (uint)high - (uint)low;

    private static void Clear(ArrayView<long> bins)
    {
        for (int i = Unroll.From(0); i < Run; i++) bins[i * GroupSize + Group.IdxX] = 0;
        Group.Barrier();
    }

    /// <summary>The sum of all bins; of the thread's own neighbouring bins and of those before them.</summary>
    private static long Scan(ArrayView<long> bins, ArrayView<long> totals, out long before, out long own)
    {
        own = 0;
        for (int i = Unroll.From(0); i < Run; i++) own += bins[Group.IdxX * Run + i];
        long sum = own;
        for (int delta = Unroll.From(1); delta < Warp.WarpSize; delta <<= 1)
        {
            long left = Warp.ShuffleUp(sum, delta);
            if (Warp.LaneIdx >= delta) sum += left;
        }
        if (Warp.LaneIdx == Warp.WarpSize - 1) totals[Warp.WarpIdx] = sum;
        Group.Barrier();
        long all = 0;
        before = sum - own;
        for (int w = 0; w < Warps; w++)
        {
            if (w < Warp.WarpIdx) before += totals[w];
            all += totals[w];
        }
        Group.Barrier();   // everyone has read the totals
        return all;
    }

    /// <summary>The bin in which the running sum passes <paramref name="rest"/>, which becomes what is left of it in that bin.</summary>
    private static int Find(ArrayView<long> bins, ArrayView<long> totals, long before, long own, ref long rest)
    {
        if (rest >= before && rest - before < own)
        {
            long left = rest - before;
            int bin = Group.IdxX * Run;
            while (left >= bins[bin]) left -= bins[bin++];
            totals[0] = bin;
            totals[1] = left;
        }
        Group.Barrier();
        int found = (int)totals[0];
        rest = totals[1];
        Group.Barrier();   // everyone has read them
        return found;
    }

    /// <summary>The token of one row; -1 where none may be chosen.</summary>
    /// <param name="logits">The row.</param>
    /// <param name="marks">Its marks, empty where nothing is penalised.</param>
    /// <param name="chances">Six numbers.</param>
    /// <param name="topK">Tokens to keep, 0 for all.</param>
    /// <param name="random">From 0 to below 1: where in the mass the token lies.</param>
    public static int Reference(ReadOnlySpan<float> logits, ReadOnlySpan<int> marks, ReadOnlySpan<float> chances, int topK, double random)
    {
        double[] probabilities = Probabilities(logits, marks, chances, topK);
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
            if (probabilities[i] > 0 && random < (sum += probabilities[i])) return i;
        return Array.FindLastIndex(probabilities, probability => probability > 0);
    }

    /// <summary>The probability of every token; all 0 where none may be chosen.</summary>
    public static double[] Probabilities(ReadOnlySpan<float> logits, ReadOnlySpan<int> marks, ReadOnlySpan<float> chances, int topK)
    {
        var scores = new double[logits.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            int mark = marks.IsEmpty ? 0 : marks[i];
            scores[i] = logits[i];
            if (mark != 0) scores[i] *= scores[i] < 0 ? chances[SamplingLayout.Repetition] : 1.0 / chances[SamplingLayout.Repetition];
            if (mark > 1) scores[i] -= chances[SamplingLayout.Presence] + (double)chances[SamplingLayout.Frequency] * (mark >> 1);
            if (mark < 0) scores[i] = double.NegativeInfinity;
        }
        double[] falling = [.. scores.OrderDescending()];
        double largest = scores.Any(double.IsNaN) ? double.NaN : falling[0];
        if (double.IsNaN(largest) || double.IsNegativeInfinity(largest)) return new double[scores.Length];
        double temperature = chances[SamplingLayout.Temperature];
        if (temperature <= 0)
        {
            var one = new double[scores.Length];
            one[Array.IndexOf(scores, largest)] = 1;
            return one;
        }
        double[] weights = Array.ConvertAll(scores, score => score == largest ? 1 : Math.Exp((score - largest) / temperature));
        double least = topK > 0 && topK < scores.Length ? falling[topK - 1] : double.NegativeInfinity;
        for (int i = 0; i < weights.Length; i++)
            if (scores[i] < least) weights[i] = 0;
        if (chances[SamplingLayout.TopP] < 1) KeepTop(weights, scores, chances[SamplingLayout.TopP] * weights.Sum());
        for (int i = 0; i < weights.Length; i++)
            if (weights[i] < chances[SamplingLayout.MinP]) weights[i] = 0;
        double sum = weights.Sum();
        return Array.ConvertAll(weights, weight => weight / sum);
    }

    /// <summary>Drops the weights that lie below <paramref name="kept"/> of the weight, counted from the largest score downwards.</summary>
    private static void KeepTop(double[] weights, double[] scores, double kept)
    {
        double above = 0;
        foreach (IGrouping<double, int> equal in Enumerable.Range(0, scores.Length).GroupBy(i => scores[i]).OrderByDescending(group => group.Key))
        {
            bool drop = above > 0 && above >= kept;
            foreach (int i in equal)
            {
                above += weights[i];
                if (drop) weights[i] = 0;
            }
        }
    }
}
