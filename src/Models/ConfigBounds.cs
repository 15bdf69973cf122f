using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Counts of a config, bounded before anything is allocated or looped over by them. The bounds are far above every published model.</summary>
internal static class ConfigBounds
{
    public const int Layers = 4096, Heads = 4096, HeadDim = 4096, Hidden = 1 << 20, Intermediate = 1 << 22, Vocabulary = 1 << 24, Context = 1 << 28;

    public const int ImageSize = 1 << 15, PatchSize = 1 << 10, Channels = 64;

    /// <summary>A count from 1 to <paramref name="most"/>.</summary>
    /// <exception cref="MmkException">MMK410 missing, MMK411 outside the range.</exception>
    public static int CountUpTo(this ConfigObject config, string key, int most, int? fallback = null)
    {
        int value = fallback is { } otherwise ? config.Count(key, otherwise) : config.Count(key);
        return value <= most ? value : throw config.Invalid(key, $"an integer from 1 to {most}");
    }
}
