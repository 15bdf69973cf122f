namespace MmKernels.Ptx;

/// <summary>A PTX file as objects: what <see cref="PtxText"/> reads and prints.</summary>
public sealed class PtxModule
{
    /// <summary>The <c>.version</c>, for example 8.4.</summary>
    public required PtxVersion Version { get; init; }

    /// <summary>The first <c>.target</c>, for example <c>sm_80</c> or <c>sm_90a</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Further words of the <c>.target</c> directive, for example <c>debug</c>.</summary>
    public IReadOnlyList<string> TargetOptions { get; init; } = [];

    /// <summary>The number in <see cref="Target"/>: 80 for sm_80, 90 for sm_90a.</summary>
    public int SmVersion => int.TryParse(Target.AsSpan(3).TrimEnd("af"), out int sm) ? sm : 0;

    /// <summary>Bits of an address; only 64 is supported.</summary>
    public int AddressSize { get; init; } = 64;

    /// <summary>Variables at module scope: global, const and shared; <see cref="PtxVariable.Index"/> is the place in this list.</summary>
    public List<PtxVariable> Variables { get; } = [];

    /// <summary>Entries and functions, declarations without a body included, in order.</summary>
    public List<PtxFunction> Functions { get; } = [];

    /// <summary>Names of source files by the index that <c>.loc</c> uses.</summary>
    public SortedDictionary<int, string> Files { get; } = [];

    /// <summary>Debug sections, kept as text.</summary>
    public List<string> Sections { get; } = [];

    /// <summary>The function with a body (or else the declaration) of that name, or null.</summary>
    public PtxFunction? FindFunction(string name)
        => Functions.Find(f => f.Name == name && f.HasBody) ?? Functions.Find(f => f.Name == name);
}

/// <summary>A PTX language version.</summary>
public readonly record struct PtxVersion(int Major, int Minor) : IComparable<PtxVersion>
{
    public int CompareTo(PtxVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public static bool operator <(PtxVersion a, PtxVersion b) => a.CompareTo(b) < 0;

    public static bool operator >(PtxVersion a, PtxVersion b) => a.CompareTo(b) > 0;

    public override string ToString() => $"{Major}.{Minor}";
}

/// <summary>A place in the source that the PTX was compiled from, as <c>.loc</c> gives it.</summary>
/// <param name="Suffix">The text behind the column, such as <c>, function_name $L__info_string0, inlined_at 1 7 3</c>, or empty.</param>
public sealed record PtxLocation(int File, int Line, int Column, string Suffix = "");
