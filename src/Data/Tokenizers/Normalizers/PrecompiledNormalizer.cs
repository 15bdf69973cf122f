using System.Globalization;
using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>A sentencepiece character map as the tokenizers library applies it: to short grapheme clusters as a whole, else code point by code point.</summary>
internal sealed record PrecompiledNormalizer(CharsMap Map) : Normalizer
{
    private const int LongestCluster = 6;   // bytes

    public override AlignedText Apply(AlignedText text)
    {
        var changes = new List<(int Code, int Change)>(text.Length + 16);
        bool modified = false;
        string utf16 = text.ToString();
        ReadOnlySpan<int> codes = text.Codes;
        Span<byte> bytes = stackalloc byte[LongestCluster + 4];
        for (int unit = 0, at = 0; at < codes.Length;)
        {
            AlignedText.CheckGrowth(changes.Count, codes.Length);
            int units = StringInfo.GetNextTextElementLength(utf16, unit);
            int end = at, size = 0;
            for (int seen = 0; seen < units; end++)
            {
                seen += codes[end] >= 0x10000 ? 2 : 1;
                if (size < LongestCluster) size += CodePoints.ToUtf8(codes[end], bytes[size..]);
            }
            unit += units;
            if (size < LongestCluster && Map.Find(bytes[..size], false, out _) is { } whole)
            {
                Replace(changes, end - at, whole.Span);
                modified = true;
                at = end;
                continue;
            }
            for (; at < end; at++)
            {
                size = CodePoints.ToUtf8(codes[at], bytes);
                if (Map.Find(bytes[..size], false, out _) is { } single)
                {
                    Replace(changes, 1, single.Span);
                    modified = true;
                }
                else changes.Add((codes[at], 0));
            }
        }
        return modified ? AlignedTransform.Apply(text, changes) : text;
    }

    /// <summary>The replacement's code points replace as many old ones; further ones are added, missing ones are swallowed by the last that was written.</summary>
    private static void Replace(List<(int Code, int Change)> changes, int oldCount, ReadOnlySpan<byte> replacement)
    {
        int newCount = 0;
        while (Rune.DecodeFromUtf8(replacement, out Rune rune, out int consumed) != System.Buffers.OperationStatus.NeedMoreData || consumed > 0)
        {
            changes.Add((rune.Value, newCount++ < oldCount ? 0 : 1));
            replacement = replacement[consumed..];
        }
        if (newCount < oldCount && changes.Count > 0)
            changes[^1] = (changes[^1].Code, changes[^1].Change + newCount - oldCount);
    }
}
