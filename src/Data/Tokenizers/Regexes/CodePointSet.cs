using System.Globalization;

namespace MmKernels.Data.Tokenizers;

/// <summary>A set of code points as a character class or property writes it.</summary>
internal abstract record CodePointSet
{
    public abstract bool Contains(int code);

    public sealed record Range(int First, int Last) : CodePointSet
    {
        public override bool Contains(int code) => code >= First && code <= Last;
    }

    /// <summary>General categories, one bit each.</summary>
    public sealed record Categories(uint Mask) : CodePointSet
    {
        public override bool Contains(int code) => (Mask >> (int)Unicode.Category(code) & 1) != 0;
    }

    public sealed record Property(Func<int, bool> Has) : CodePointSet
    {
        public override bool Contains(int code) => Has(code);
    }

    public sealed record Union(List<CodePointSet> Parts) : CodePointSet
    {
        public override bool Contains(int code)
        {
            foreach (CodePointSet part in Parts)
                if (part.Contains(code)) return true;
            return false;
        }
    }

    public sealed record Intersection(CodePointSet Left, CodePointSet Right) : CodePointSet
    {
        public override bool Contains(int code) => Left.Contains(code) && Right.Contains(code);
    }

    public sealed record Complement(CodePointSet Set) : CodePointSet
    {
        public override bool Contains(int code) => !Set.Contains(code);
    }

    /// <summary>Everything whose simple case variants meet the set.</summary>
    public sealed record IgnoreCase(CodePointSet Set) : CodePointSet
    {
        public override bool Contains(int code)
            => Set.Contains(code) || Set.Contains(Unicode.ToLower(code)) || Set.Contains(Unicode.ToUpper(code)) || Set.Contains(Unicode.Fold(code));
    }

    public static readonly CodePointSet Anything = new Range(0, 0x10FFFF);

    public static Categories Of(params ReadOnlySpan<UnicodeCategory> categories)
    {
        uint mask = 0;
        foreach (UnicodeCategory category in categories) mask |= 1u << (int)category;
        return new Categories(mask);
    }
}
