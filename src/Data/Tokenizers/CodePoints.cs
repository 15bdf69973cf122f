using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Conversions between UTF-16 strings, code points and UTF-8 lengths.</summary>
internal static class CodePoints
{
    /// <summary>The code points of a string; a lone surrogate becomes U+FFFD.</summary>
    public static int[] Of(string text)
    {
        var codes = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) codes.Add(rune.Value);
        return [.. codes];
    }

    public static string ToText(ReadOnlySpan<int> codes)
    {
        char[]? rented = codes.Length <= 128 ? null : new char[codes.Length * 2];
        Span<char> buffer = rented ?? stackalloc char[256];
        return new string(buffer[..ToUtf16(codes, buffer)]);
    }

    /// <summary>Writes code points as UTF-16; the buffer must hold two units per code point.</summary>
    public static int ToUtf16(ReadOnlySpan<int> codes, Span<char> buffer)
    {
        int n = 0;
        foreach (int code in codes)
        {
            if (code < 0x10000) buffer[n++] = (char)code;
            else
            {
                buffer[n++] = (char)(0xD7C0 + (code >> 10));
                buffer[n++] = (char)(0xDC00 + (code & 0x3FF));
            }
        }
        return n;
    }

    /// <summary>The one code point of the text, or -1 where it has none or several.</summary>
    public static int Single(string text)
        => text.Length is 1 or 2 && Rune.TryGetRuneAt(text, 0, out Rune rune) && rune.Utf16SequenceLength == text.Length ? rune.Value : -1;

    /// <summary>Bytes of a code point in UTF-8.</summary>
    public static int Utf8Bytes(int code) => code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    /// <summary>Writes a code point as UTF-8 and returns the number of bytes.</summary>
    public static int ToUtf8(int code, Span<byte> buffer)
    {
        int bytes = Utf8Bytes(code);
        if (bytes == 1) buffer[0] = (byte)code;
        else
        {
            for (int i = bytes - 1; i > 0; i--, code >>= 6) buffer[i] = (byte)(0x80 | code & 0x3F);
            buffer[0] = (byte)(0xF00 >> bytes & 0xFF | code);
        }
        return bytes;
    }
}
