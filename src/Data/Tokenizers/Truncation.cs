namespace MmKernels.Data.Tokenizers;

/// <summary>Which of two texts truncation shortens.</summary>
public enum TruncationStrategy { LongestFirst, OnlyFirst, OnlySecond }

/// <summary>Cuts encodings down to a number of tokens, special ones included; what is cut off is kept as overflow.</summary>
/// <param name="MaxLength">The most tokens.</param>
/// <param name="Stride">How many tokens neighbouring parts share.</param>
/// <param name="Strategy">What is shortened where there are two texts.</param>
/// <param name="FromLeft">Whether the start is cut off and not the end.</param>
public sealed record Truncation(int MaxLength, int Stride = 0, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, bool FromLeft = false)
{
    internal static Truncation? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        JsonView strategy = view["strategy"], direction = view["direction"];
        return new Truncation(view["max_length"].Count(), view["stride"].Count(0), strategy.Text() switch
        {
            "LongestFirst" => TruncationStrategy.LongestFirst,
            "OnlyFirst" => TruncationStrategy.OnlyFirst,
            "OnlySecond" => TruncationStrategy.OnlySecond,
            _ => throw strategy.Wrong("LongestFirst, OnlyFirst or OnlySecond"),
        }, ParseDirection(direction));
    }

    internal static bool ParseDirection(JsonView view)
        => view.IsNull ? false : view.Text() switch { "Left" => true, "Right" => false, _ => throw view.Wrong("Left or Right") };

    /// <summary>Shortens one or two encodings so that with <paramref name="added"/> special tokens they fit.</summary>
    internal List<Encoding> Apply(List<Encoding> parts, int added)
    {
        if (added > MaxLength) throw TextErrors.Truncation($"max_length is {MaxLength} and the special tokens alone are {added}");
        int room = MaxLength - added, total = parts.Sum(part => part.Length);
        if (room == 0) return parts.ConvertAll(part => Cut(part, 0));
        if (total <= room) return parts;
        if (Strategy == TruncationStrategy.LongestFirst)
        {
            if (parts.Count == 1) return [Cut(parts[0], room)];
            (int first, int second) = Share(parts[0].Length, parts[1].Length, room);
            return [Cut(parts[0], first), Cut(parts[1], second)];
        }
        int shortened = Strategy == TruncationStrategy.OnlyFirst ? 0 : 1;
        if (shortened >= parts.Count) throw TextErrors.Truncation("truncation is to shorten the second text only and there is none");
        int length = parts[shortened].Length - (total - room);
        if (length <= 0) throw TextErrors.Truncation($"truncation is to shorten the {(shortened == 0 ? "first" : "second")} text only, which is too short for it");
        return [.. parts.Select((part, i) => i == shortened ? Cut(part, length) : part)];
    }

    /// <summary>The longer text is cut first, to no less than the shorter; then both to halves.</summary>
    private static (int First, int Second) Share(int first, int second, int room)
    {
        int shorter = Math.Min(first, second), longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room) (shorter, longer) = (room / 2, room / 2 + room % 2);
        return first <= second ? (shorter, longer) : (longer, shorter);
    }

    private Encoding Cut(Encoding encoding, int length)
    {
        if (length >= encoding.Length) return encoding;
        if (length == 0) return encoding.Slice(0, 0, [encoding]);
        if (Stride >= length) throw TextErrors.Truncation($"the stride {Stride} is not less than the {length} tokens that remain beside the special ones");
        long parts = (encoding.Length - length + (length - Stride) - 1) / (length - Stride) + 1L;
        if (parts * length > Encoding.MostOverflow) throw TextErrors.Truncation($"truncation makes {parts} parts of {length} tokens; lower the stride");
        var ranges = new List<(int Start, int End)>();
        for (int at = 0; ; at += length - Stride)
        {
            int end = Math.Min(at + length, encoding.Length);
            ranges.Add(FromLeft ? (encoding.Length - end, encoding.Length - at) : (at, end));
            if (end == encoding.Length) break;
        }
        return encoding.Slice(ranges[0].Start, ranges[0].End, [.. ranges.Skip(1).Select(range => encoding.Slice(range.Start, range.End, []))]);
    }
}
