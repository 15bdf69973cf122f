namespace MmKernels.Data.Tokenizers;

/// <summary>Rewrites an aligned text by a list of code points with changes, as the reference's NormalizedString.transform does.</summary>
internal static class AlignedTransform
{
    /// <summary>
    /// A change of 0 replaces the next code point of the source, 1 adds one (aligned with the one before), -n replaces one and drops n more.
    /// Changes that run past the source's end keep the last alignment.
    /// </summary>
    public static AlignedText Apply(AlignedText source, List<(int Code, int Change)> changes)
    {
        var result = new AlignedText(changes.Count);
        int at = 0;
        foreach ((int code, int change) in changes)
        {
            if (change > 0) result.AddAt(code, source, Math.Min(at, source.Length) - 1);
            else
            {
                result.AddAt(code, source, Math.Min(at, source.Length - 1));
                at += 1 - change;
            }
        }
        return result;
    }

    /// <summary>Keeps the code points that <paramref name="keep"/> accepts; the given text where it accepts all.</summary>
    public static AlignedText Filter(AlignedText source, Func<int, bool> keep)
    {
        ReadOnlySpan<int> codes = source.Codes;
        int first = 0;
        while (first < codes.Length && keep(codes[first])) first++;
        if (first == codes.Length) return source;
        var result = new AlignedText(codes.Length);
        result.Append(source, 0, first);
        for (int i = first + 1; i < codes.Length; i++)
            if (keep(codes[i])) result.AddAt(codes[i], source, i);
        return result;
    }

    /// <summary>Replaces code points one by one; the given text where none changes.</summary>
    public static AlignedText Map(AlignedText source, Func<int, int> map)
    {
        ReadOnlySpan<int> codes = source.Codes;
        int first = 0;
        while (first < codes.Length && map(codes[first]) == codes[first]) first++;
        if (first == codes.Length) return source;
        var result = new AlignedText(codes.Length);
        result.Append(source, 0, first);
        for (int i = first; i < codes.Length; i++) result.AddAt(map(codes[i]), source, i);
        return result;
    }
}
