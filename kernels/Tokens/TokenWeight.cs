namespace MmKernels.Kernels;

/// <summary>What a score weighs when a threshold is sought.</summary>
internal interface ITokenWeight
{
    static abstract long Of(float score, float largest, float temperature);

    /// <summary>The weight that the scores from the threshold upwards must reach.</summary>
    /// <param name="all">The weight of all scores.</param>
    /// <param name="wanted">What the request asks for.</param>
    static abstract long Target(long all, float wanted);
}

/// <summary>top-k: every score counts, <c>wanted</c> of them are kept.</summary>
internal readonly struct CountWeight : ITokenWeight
{
    public static long Of(float score, float largest, float temperature) => 1;

    public static long Target(long all, float wanted) => (long)wanted;
}

/// <summary>top-p: a score counts by its probability, the share <c>wanted</c> is kept.</summary>
internal readonly struct MassWeight : ITokenWeight
{
    public static long Of(float score, float largest, float temperature) => TokenMass.Of(score, largest, temperature);

    public static long Target(long all, float wanted) => TokenMass.Share(all, wanted);
}
