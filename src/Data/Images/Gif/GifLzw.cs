namespace MmKernels.Data.Images.Gif;

/// <summary>The LZW of GIF: codes of 2 to 12 bits, lowest bits first; a full table is kept until the next clear code.</summary>
internal static class GifLzw
{
    private const int MaxCodes = 4096;

    /// <summary>Decodes until the rows are full; false where the codes are impossible or end early.</summary>
    public static bool Decode(ReadOnlySpan<byte> data, int codeBits, GifRows rows)
    {
        int clear = 1 << codeBits, end = clear + 1;
        Span<short> prefixes = stackalloc short[MaxCodes];
        Span<byte> suffixes = stackalloc byte[MaxCodes], firsts = stackalloc byte[MaxCodes], text = stackalloc byte[MaxCodes + 1];
        for (int i = 0; i < clear; i++) suffixes[i] = firsts[i] = (byte)i;
        int next = end + 1, bits = codeBits + 1, previous = -1;
        uint buffer = 0;
        int available = 0, at = 0;
        while (!rows.Full)
        {
            while (available < bits)
            {
                if (at == data.Length) return false;
                buffer |= (uint)data[at++] << available;
                available += 8;
            }
            int code = (int)(buffer & ((1u << bits) - 1));
            buffer >>= bits;
            available -= bits;
            if (code == clear)
            {
                (next, bits, previous) = (end + 1, codeBits + 1, -1);
                continue;
            }
            if (code == end) return false;
            if (code > next || (code == next && previous < 0) || (code > end && previous < 0)) return false;
            // The code that is being defined means the previous text and its first byte again.
            byte first = code == next ? firsts[previous] : firsts[code];
            int length = 0;
            if (code == next) text[MaxCodes - length++] = first;
            for (int c = code == next ? previous : code; ; c = prefixes[c])
            {
                text[MaxCodes - length++] = suffixes[c];
                if (c < clear) break;
            }
            rows.Append(text[(MaxCodes - length + 1)..]);
            if (previous >= 0 && next < MaxCodes)
            {
                (prefixes[next], suffixes[next], firsts[next]) = ((short)previous, first, firsts[previous]);
                next++;
                if (next == 1 << bits && bits < 12) bits++;
            }
            previous = code;
        }
        return true;
    }
}
