using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The attention of models whose heads share out the width.</summary>
internal static class HeadCounts
{
    /// <summary>Attention with heads of hidden / heads dimensions, as many of keys where <paramref name="kvHeads"/> names no key that says otherwise.</summary>
    /// <exception cref="MmkException">MMK411: numbers that do not divide.</exception>
    public static AttentionSpec Read(ConfigObject config, string hidden, string heads, string? kvHeads = null)
    {
        int width = config.CountUpTo(hidden, ConfigBounds.Hidden), count = config.CountUpTo(heads, ConfigBounds.Heads);
        int shared = kvHeads is null ? count : config.CountUpTo(kvHeads, ConfigBounds.Heads, count);
        if (width % count != 0) throw config.Invalid(heads, $"a divisor of {hidden} ({width})");
        if (count % shared != 0) throw config.Invalid(kvHeads!, $"a divisor of {heads} ({count})");
        return new AttentionSpec { Heads = count, KvHeads = shared, HeadDim = width / count };
    }
}
