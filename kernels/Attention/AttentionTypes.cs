namespace MmKernels.Kernels;

/// <summary>Which keys a query sees, as a type argument of attention kernels.</summary>
internal interface IAttentionMask
{
    /// <summary>The end of the keys that a query sees.</summary>
    /// <param name="query">The query's index in this call.</param>
    /// <param name="first">The key index of query 0.</param>
    /// <param name="end">The end of all keys.</param>
    static abstract int End(int query, int first, int end);
}

/// <summary>Every query sees every key.</summary>
internal readonly struct Bidirectional : IAttentionMask
{
    public static int End(int query, int first, int end) => end;
}

/// <summary>A query sees the keys up to its own position.</summary>
internal readonly struct Causal : IAttentionMask
{
    public static int End(int query, int first, int end) => XMath.Min(first + query + 1, end);
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
