namespace MmKernels.Data.Tokenizers;

/// <summary>The printable characters that stand for the 256 bytes in byte-level vocabularies (GPT-2).</summary>
internal static class ByteCharacters
{
    private static readonly int[] Codes = new int[256];
    private static readonly short[] Bytes = new short[0x180];

    static ByteCharacters()
    {
        Array.Fill(Bytes, (short)-1);
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            Codes[b] = printable ? b : next++;
            Bytes[Codes[b]] = (short)b;
        }
    }

    /// <summary>The character of a byte.</summary>
    public static int Code(int b) => Codes[b];

    /// <summary>The byte of a character, or -1.</summary>
    public static int Byte(int code) => (uint)code < (uint)Bytes.Length ? Bytes[code] : -1;

    /// <summary>Appends the characters of a range's UTF-8 bytes; each is aligned with the code point that it is part of.</summary>
    public static void Append(AlignedText source, int start, int end, AlignedText result)
    {
        ReadOnlySpan<int> codes = source.Codes;
        Span<byte> bytes = stackalloc byte[4];
        for (int i = start; i < end; i++)
        {
            int code = codes[i];
            if (code < 0x80)
            {
                result.AddAt(Codes[code], source, i);
                continue;
            }
            int count = CodePoints.ToUtf8(code, bytes);
            for (int j = 0; j < count; j++) result.AddAt(Codes[bytes[j]], source, i);
        }
    }
}
