using System.Buffers.Binary;
using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>sentencepiece's precompiled character map: a double-array trie of UTF-8 strings with positions in a pool of zero-terminated replacements.</summary>
internal sealed class CharsMap
{
    private readonly uint[] units;
    private readonly byte[] pool;

    public CharsMap(ReadOnlySpan<byte> blob, string place)
    {
        if (blob.Length < 4) throw TextErrors.CharsMap(place, "it is shorter than four bytes");
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(blob);
        if (size > blob.Length - 4 || size % 4 != 0 || size == 0) throw TextErrors.CharsMap(place, $"a trie of {size} bytes in {blob.Length} bytes");
        units = new uint[size / 4];
        for (int i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob[(4 + i * 4)..]);
        pool = blob[(4 + (int)size)..].ToArray();
        try { _ = new UTF8Encoding(false, true).GetCharCount(pool); }
        catch (DecoderFallbackException) { throw TextErrors.CharsMap(place, "the replacements are not valid UTF-8"); }
    }

    /// <summary>
    /// The replacement of the shortest (or longest) prefix of the bytes that the map has, as UTF-8; null where it has none.
    /// </summary>
    public ReadOnlyMemory<byte>? Find(ReadOnlySpan<byte> bytes, bool longest, out int length)
    {
        length = 0;
        ReadOnlyMemory<byte>? found = null;
        uint position = Offset(units[0]);
        for (int i = 0; i < bytes.Length && bytes[i] != 0; i++)
        {
            position ^= bytes[i];
            if (position >= units.Length) break;
            uint unit = units[position];
            if ((unit & 0x800000FF) != bytes[i]) break;
            position ^= Offset(unit);
            if ((unit >> 8 & 1) == 0) continue;
            if (position >= units.Length || Text(units[position] & 0x7FFFFFFF) is not { } text) break;
            (found, length) = (text, i + 1);
            if (!longest) break;
        }
        return found;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);

    private ReadOnlyMemory<byte>? Text(uint start)
    {
        if (start > pool.Length) return null;
        int end = Array.IndexOf(pool, (byte)0, (int)start);
        return pool.AsMemory((int)start, (end < 0 ? pool.Length : end) - (int)start);
    }
}
