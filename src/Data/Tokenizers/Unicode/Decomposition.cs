namespace MmKernels.Data.Tokenizers;

/// <summary>
/// Normalization forms D, KD, C and KC (Unicode Annex 15). Every code point of the result carries a change: 0 replaces the next one of the source,
/// 1 is added, -n also swallows n more; from these the alignment with the source follows as in the reference.
/// </summary>
internal static class Decomposition
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7, Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    /// <summary>Whether every form leaves the text as it is for sure: it consists of ASCII.</summary>
    public static bool IsPlain(ReadOnlySpan<int> codes)
    {
        foreach (int code in codes)
            if (code >= 0x80) return false;
        return true;
    }

    public static List<(int Code, int Change)> Decompose(ReadOnlySpan<int> codes, bool compatible)
    {
        var result = new List<(int Code, int Change)>(codes.Length + 16);
        var parts = new List<int>();
        int ready = 0;   // what lies before is in canonical order
        foreach (int code in codes)
        {
            parts.Clear();
            Split(code, compatible, parts);
            for (int i = 0; i < parts.Count; i++)
            {
                if (Class(parts[i]) == 0)
                {
                    Order(result, ready);
                    ready = result.Count + 1;
                }
                result.Add((parts[i], i == 0 ? 0 : 1));
            }
        }
        Order(result, ready);
        return result;
    }

    public static List<(int Code, int Change)> Compose(List<(int Code, int Change)> decomposed)
    {
        var result = new List<(int Code, int Change)>(decomposed.Count);
        int starter = -1, lastClass = -1;   // index in the result; -1: nothing stands between the starter and the current one
        foreach ((int code, int change) in decomposed)
        {
            int combining = Class(code);
            if (starter >= 0 && (lastClass < 0 || lastClass < combining && combining > 0) && Pair(result[starter].Code, code) is >= 0 and int composed)
            {
                result[starter] = (composed, result[starter].Change + change - 1);
                continue;
            }
            if (combining == 0)
            {
                starter = result.Count;
                lastClass = -1;
            }
            else if (starter >= 0) lastClass = combining;
            result.Add((code, change));
        }
        return result;
    }

    /// <summary>The canonical combining class.</summary>
    public static int Class(int code) => code < 0x300 ? 0 : UnicodeTables.Instance.Classes.GetValueOrDefault(code);

    private static void Split(int code, bool compatible, List<int> parts)
    {
        UnicodeTables tables = UnicodeTables.Instance;
        if (code < 0xA0) parts.Add(code);
        else if (code is >= HangulBase and < HangulBase + Syllables)
        {
            int index = code - HangulBase;
            parts.Add(LeadBase + index / (Vowels * Tails));
            parts.Add(VowelBase + index % (Vowels * Tails) / Tails);
            if (index % Tails > 0) parts.Add(TailBase + index % Tails);
        }
        else if (tables.Canonical.TryGetValue(code, out int[]? steps) || compatible && tables.Compatible.TryGetValue(code, out steps))
            foreach (int step in steps) Split(step, compatible, parts);
        else parts.Add(code);
    }

    /// <summary>Sorts the marks from <paramref name="from"/> on by class, stably.</summary>
    private static void Order(List<(int Code, int Change)> list, int from)
    {
        if (list.Count - from < 2) return;
        List<(int Code, int Change)> marks = list.GetRange(from, list.Count - from);
        bool sorted = true;
        for (int i = 1; i < marks.Count && sorted; i++) sorted = Class(marks[i - 1].Code) <= Class(marks[i].Code);
        if (sorted) return;
        int at = from;
        foreach ((int Code, int Change) mark in marks.OrderBy(mark => Class(mark.Code))) list[at++] = mark;
    }

    private static int Pair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
            return HangulBase + ((first - LeadBase) * Vowels + second - VowelBase) * Tails;
        if (first is >= HangulBase and < HangulBase + Syllables && (first - HangulBase) % Tails == 0 && second is > TailBase and < TailBase + Tails)
            return first + second - TailBase;
        return UnicodeTables.Instance.Compositions.GetValueOrDefault((first, second), -1);
    }
}
