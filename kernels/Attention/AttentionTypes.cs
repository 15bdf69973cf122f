namespace MmKernels.Kernels;

/// <summary>Which keys a query sees, as a type argument of attention kernels.</summary>
internal interface IAttentionMask
{
    /// <summary>The first key that a query at a position sees.</summary>
    /// <param name="position">The query's own key.</param>
    /// <param name="start">The first of all keys.</param>
    /// <param name="span">Keys of the window or of the prefix.</param>
    static abstract int Start(int position, int start, int span);

    /// <summary>The end of the keys that a query at a position sees.</summary>
    /// <param name="position">The query's own key.</param>
    /// <param name="end">The end of all keys.</param>
    /// <param name="span">Keys of the window or of the prefix.</param>
    static abstract int End(int position, int end, int span);
}

/// <summary>Every query sees every key.</summary>
internal readonly struct Bidirectional : IAttentionMask
{
    public static int Start(int position, int start, int span) => start;

    public static int End(int position, int end, int span) => end;
}

/// <summary>A query sees the keys up to its own position.</summary>
internal readonly struct Causal : IAttentionMask
{
    public static int Start(int position, int start, int span) => start;

    public static int End(int position, int end, int span) => XMath.Min(position + 1, end);
}

/// <summary>A query sees the last keys up to its own position.</summary>
internal readonly struct Windowed : IAttentionMask
{
    public static int Start(int position, int start, int span) => XMath.Max(start, position + 1 - span);

    public static int End(int position, int end, int span) => XMath.Min(position + 1, end);
}

/// <summary>A query sees the keys up to its own position, and those of the prefix wherever it is.</summary>
internal readonly struct Prefixed : IAttentionMask
{
    public static int Start(int position, int start, int span) => start;

    public static int End(int position, int end, int span) => XMath.Min(XMath.Max(position + 1, span), end);
}

/// <summary>The parts of a tile of keys that pass through shared memory, as a type argument.</summary>
internal interface IAttentionParts
{
    /// <summary>Dimensions of the keys.</summary>
    static abstract int Depth { get; }

    /// <summary>Floats between neighbouring dimensions of 64 keys: one more than there are keeps 16 lanes of a GPU out of one bank, a power of two keeps a CPU's vectors aligned.</summary>
    static abstract int Pitch { get; }
}

internal readonly struct GpuParts : IAttentionParts
{
    public static int Depth => 32;

    public static int Pitch => 65;
}

internal readonly struct HostParts : IAttentionParts
{
    public static int Depth => 64;

    public static int Pitch => 64;
}

/// <summary>A head's dimensions rounded up to a multiple of 16, as a type argument of attention kernels: how many columns each of 16 threads holds. Only the last can lie beyond the head.</summary>
internal interface IHeadColumns
{
    static abstract int Columns { get; }
}

internal readonly struct Head16 : IHeadColumns { public static int Columns => 1; }

internal readonly struct Head32 : IHeadColumns { public static int Columns => 2; }

internal readonly struct Head48 : IHeadColumns { public static int Columns => 3; }

internal readonly struct Head64 : IHeadColumns { public static int Columns => 4; }

internal readonly struct Head80 : IHeadColumns { public static int Columns => 5; }

internal readonly struct Head96 : IHeadColumns { public static int Columns => 6; }

internal readonly struct Head112 : IHeadColumns { public static int Columns => 7; }

internal readonly struct Head128 : IHeadColumns { public static int Columns => 8; }

internal readonly struct Head144 : IHeadColumns { public static int Columns => 9; }

internal readonly struct Head160 : IHeadColumns { public static int Columns => 10; }

internal readonly struct Head176 : IHeadColumns { public static int Columns => 11; }

internal readonly struct Head192 : IHeadColumns { public static int Columns => 12; }

internal readonly struct Head208 : IHeadColumns { public static int Columns => 13; }

internal readonly struct Head224 : IHeadColumns { public static int Columns => 14; }

internal readonly struct Head240 : IHeadColumns { public static int Columns => 15; }

internal readonly struct Head256 : IHeadColumns { public static int Columns => 16; }
