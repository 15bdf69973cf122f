using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Text as code points, each with the range of the original text's code points that it stands for.</summary>
internal sealed class AlignedText
{
    private int[] codes;
    private int[] starts;
    private int[] ends;

    public AlignedText(int capacity)
    {
        codes = new int[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
    }

    public int Length { get; private set; }

    public ReadOnlySpan<int> Codes => codes.AsSpan(0, Length);

    /// <summary>For each code point the first code point of the original.</summary>
    public ReadOnlySpan<int> Starts => starts.AsSpan(0, Length);

    /// <summary>For each code point the end (exclusive) in the original.</summary>
    public ReadOnlySpan<int> Ends => ends.AsSpan(0, Length);

    /// <summary>The text as it is; a lone surrogate becomes U+FFFD.</summary>
    public static AlignedText From(string text)
    {
        var result = new AlignedText(text.Length);
        int n = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int code = text[i];
            if (char.IsSurrogate(text[i]))
            {
                if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                    code = char.ConvertToUtf32(text[i], text[++i]);
                else code = 0xFFFD;
            }
            result.codes[n] = code;
            result.starts[n] = n;
            result.ends[n] = ++n;
        }
        result.Length = n;
        return result;
    }

    public void Add(int code, int start, int end)
    {
        if (Length == codes.Length) Grow(Length + 1, end);
        codes[Length] = code;
        starts[Length] = start;
        ends[Length++] = end;
    }

    /// <summary>Appends <paramref name="code"/> with the alignment of <paramref name="source"/>'s code point <paramref name="index"/> ((0, 0) before the first).</summary>
    public void AddAt(int code, AlignedText source, int index)
    {
        if (index < 0) Add(code, 0, 0);
        else Add(code, source.starts[index], source.ends[index]);
    }

    public void Append(AlignedText source, int start, int end)
    {
        int count = end - start;
        if (Length + count > codes.Length) Grow(Length + count, count == 0 ? 0 : source.ends[end - 1]);
        Array.Copy(source.codes, start, codes, Length, count);
        Array.Copy(source.starts, start, starts, Length, count);
        Array.Copy(source.ends, start, ends, Length, count);
        Length += count;
    }

    public AlignedText Slice(int start, int end)
    {
        if (start == 0 && end == Length) return this;
        var slice = new AlignedText(end - start);
        slice.Append(this, start, end);
        return slice;
    }

    public override string ToString() => CodePoints.ToText(Codes);

    /// <summary>Stages of a hostile file could make a text grow without end: at most 64 times the original and a million more.</summary>
    public static void CheckGrowth(long length, int originalEnd)
    {
        if (length > 1_000_000 + 64L * originalEnd) throw TextErrors.Growth(1_000_000 + 64L * originalEnd);
    }

    private void Grow(int needed, int originalEnd)
    {
        CheckGrowth(needed, originalEnd);
        int capacity = Math.Max(Math.Max(16, needed), (int)Math.Min(codes.Length * 2L, Array.MaxLength));
        Array.Resize(ref codes, capacity);
        Array.Resize(ref starts, capacity);
        Array.Resize(ref ends, capacity);
    }
}
