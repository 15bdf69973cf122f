namespace MmKernels.Data.Tokenizers;

/// <summary>A tokenized text: parallel lists, one entry a token. The arrays are the caller's to keep, not to change.</summary>
public sealed class Encoding
{
    internal const long MostOverflow = 1 << 23;
    private string[]? tokens;

    /// <summary>Token ids.</summary>
    public required int[] Ids { get; init; }

    /// <summary>Segment ids: what the post-processor assigns to the first and the second text.</summary>
    public required int[] TypeIds { get; init; }

    /// <summary>Ranges of the original text in code points; (0, 0) for special tokens that the post-processor adds and for padding.</summary>
    public required Offset[] Offsets { get; init; }

    /// <summary>Index of the pre-token that a token lies in, or -1.</summary>
    public required int[] Words { get; init; }

    /// <summary>0 for tokens of the first text, 1 for tokens of the second, -1 for what the post-processor and padding add.</summary>
    public required int[] Sequences { get; init; }

    /// <summary>1 for tokens that the post-processor or padding added.</summary>
    public required int[] SpecialMask { get; init; }

    /// <summary>0 for padding, 1 for everything else.</summary>
    public required int[] AttentionMask { get; init; }

    /// <summary>The parts that truncation cut off, each at most as long as this one; empty without truncation.</summary>
    public IReadOnlyList<Encoding> Overflow { get; init; } = [];

    /// <summary>The tokens' texts, as the vocabulary spells them; added tokens as they stand in the text.</summary>
    public IReadOnlyList<string> Tokens => tokens ??= SpellTokens();

    /// <summary>Number of tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>How the vocabulary spells an id.</summary>
    internal Func<int, string>? Names { get; init; }

    /// <summary>Spellings that differ from the vocabulary's, by index.</summary>
    internal Dictionary<int, string>? Texts { get; init; }

    /// <summary>Tokens that a post-processor adds.</summary>
    internal static Encoding Special(int[] ids, string[] tokens, int typeId)
    {
        var texts = new Dictionary<int, string>();
        for (int i = 0; i < ids.Length; i++) texts[i] = tokens[i];
        return new Encoding
        {
            Ids = ids, TypeIds = Filled(ids.Length, typeId), Offsets = new Offset[ids.Length], Words = Filled(ids.Length, -1), Sequences = Filled(ids.Length, -1),
            SpecialMask = Filled(ids.Length, 1), AttentionMask = Filled(ids.Length, 1), Names = null, Texts = texts,
        };
    }

    /// <summary>The same tokens with another segment id and sequence index.</summary>
    internal Encoding With(int typeId, int sequence) => new()
    {
        Ids = Ids, TypeIds = Filled(Length, typeId), Offsets = Offsets, Words = Words, Sequences = Filled(Length, sequence), SpecialMask = SpecialMask,
        AttentionMask = AttentionMask, Names = Names, Texts = Texts, Overflow = [.. Overflow.Select(part => part.With(typeId, sequence))],
    };

    /// <summary>The same tokens with other offsets.</summary>
    internal Encoding With(Offset[] offsets, IReadOnlyList<Encoding> overflow) => new()
    {
        Ids = Ids, TypeIds = TypeIds, Offsets = offsets, Words = Words, Sequences = Sequences, SpecialMask = SpecialMask,
        AttentionMask = AttentionMask, Names = Names, Texts = Texts, Overflow = overflow,
    };

    /// <summary>Some of the tokens.</summary>
    internal Encoding Slice(int start, int end, IReadOnlyList<Encoding> overflow)
    {
        Dictionary<int, string>? texts = null;
        foreach ((int i, string text) in Texts ?? [])
            if (i >= start && i < end) (texts ??= [])[i - start] = text;
        return new Encoding
        {
            Ids = Ids[start..end], TypeIds = TypeIds[start..end], Offsets = Offsets[start..end], Words = Words[start..end], Sequences = Sequences[start..end],
            SpecialMask = SpecialMask[start..end], AttentionMask = AttentionMask[start..end], Names = Names, Texts = texts, Overflow = overflow,
        };
    }

    /// <summary>Several encodings one after the other; every part that truncation cut off is joined with every other's.</summary>
    internal static Encoding Join(List<Encoding> parts)
    {
        if (parts.Count == 0) return Special([], [], 0);
        bool overflows = parts.Any(part => part.Overflow.Count > 0);
        if (!overflows) return Concatenate(parts);
        Encoding joined = parts[0];
        for (int i = 1; i < parts.Count; i++) joined = JoinWithOverflow(joined, parts[i]);
        return joined;
    }

    private static Encoding JoinWithOverflow(Encoding first, Encoding second)
    {
        long tokens = ((long)first.Overflow.Count + 1) * ((long)second.Overflow.Count + 1) * (first.Length + second.Length);
        if (tokens > MostOverflow) throw TextErrors.Truncation($"truncation makes more than {MostOverflow} tokens of overflowing parts; raise max_length or lower the stride");
        var overflow = new List<Encoding>();
        foreach (Encoding part in first.Overflow)
        {
            overflow.Add(Concatenate([part, second]));
            foreach (Encoding other in second.Overflow) overflow.Add(Concatenate([part, other]));
        }
        foreach (Encoding other in second.Overflow) overflow.Add(Concatenate([first, other]));
        Encoding joined = Concatenate([first, second]);
        return joined.With(joined.Offsets, overflow);
    }

    private static Encoding Concatenate(List<Encoding> parts)
    {
        Dictionary<int, string>? texts = null;
        Func<int, string>? names = null;
        int at = 0;
        foreach (Encoding part in parts)
        {
            foreach ((int i, string text) in part.Texts ?? []) (texts ??= [])[at + i] = text;
            names ??= part.Names;
            at += part.Length;
        }
        return parts.Count == 1 ? parts[0] : new Encoding
        {
            Ids = Concat(parts, part => part.Ids), TypeIds = Concat(parts, part => part.TypeIds), Offsets = Concat(parts, part => part.Offsets),
            Words = Concat(parts, part => part.Words), Sequences = Concat(parts, part => part.Sequences), SpecialMask = Concat(parts, part => part.SpecialMask),
            AttentionMask = Concat(parts, part => part.AttentionMask), Names = names, Texts = texts,
        };
    }

    private static T[] Concat<T>(List<Encoding> parts, Func<Encoding, T[]> list)
    {
        var all = new T[parts.Sum(part => part.Length)];
        int at = 0;
        foreach (Encoding part in parts)
        {
            list(part).CopyTo(all, at);
            at += part.Length;
        }
        return all;
    }

    internal static int[] Filled(int length, int value)
    {
        var list = new int[length];
        if (value != 0) Array.Fill(list, value);
        return list;
    }

    private string[] SpellTokens()
    {
        var spelled = new string[Ids.Length];
        for (int i = 0; i < spelled.Length; i++)
            spelled[i] = Texts is not null && Texts.TryGetValue(i, out string? text) ? text : Names!(Ids[i]);
        return spelled;
    }
}
