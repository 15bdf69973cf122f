namespace MmKernels.Data.Images.Jpeg;

/// <summary>One Huffman table (ITU-T T.81, annex C and F.2.2.3) with lookups by the next <see cref="LookBits"/> bits.</summary>
internal sealed class JpegHuffman
{
    /// <summary>Codes up to this length are found in one step; they are nearly all.</summary>
    public const int LookBits = 10;

    private readonly int[] lastCodes = new int[18];     // by length: the largest code, -1 where there is none
    private readonly int[] offsets = new int[17];       // by length: index of its first symbol minus its first code
    private readonly byte[] symbols;

    private JpegHuffman(byte[] symbols) => this.symbols = symbols;

    /// <summary>By the next bits: length · 256 + symbol, or 0 where the code is longer.</summary>
    public ushort[] Lookup { get; } = new ushort[1 << LookBits];

    /// <summary>
    /// For AC tables, by the next bits: value · 256 + run · 16 + bits of code and value together, or 0 where those do not fit the lookup
    /// or the symbol carries no value.
    /// </summary>
    public short[] ValueLookup { get; } = new short[1 << LookBits];

    /// <summary>A table from the 16 counts of DHT and its symbols; null where the counts overfill the code space.</summary>
    public static JpegHuffman? Create(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        var table = new JpegHuffman(symbols.ToArray());
        int code = 0, index = 0;
        for (int length = 1; length <= 16; length++, code <<= 1)
        {
            int count = counts[length - 1];
            table.offsets[length] = index - code;
            for (int i = 0; i < count; i++, code++, index++)
            {
                if (code >= 1 << length) return null;
                table.FillLookup(code, length, symbols[index]);
            }
            table.lastCodes[length] = count > 0 ? code - 1 : -1;
        }
        table.lastCodes[17] = int.MaxValue;
        table.FillValues();
        return table;
    }

    /// <summary>The symbol whose code is longer than the lookup, at the top of <paramref name="bits"/>; length 17 where there is no such code.</summary>
    public (int Symbol, int Length) FindLong(ulong bits)
    {
        for (int length = LookBits + 1; length <= 16; length++)
        {
            int code = (int)(bits >> (64 - length));
            if (code <= lastCodes[length]) return code + offsets[length] is var index && index >= 0 ? (symbols[index], length) : (0, 17);
        }
        return (0, 17);
    }

    private void FillLookup(int code, int length, byte symbol)
    {
        if (length > LookBits) return;
        int shift = LookBits - length;
        Lookup.AsSpan(code << shift, 1 << shift).Fill((ushort)(length << 8 | symbol));
    }

    private void FillValues()
    {
        for (int bits = 0; bits < 1 << LookBits; bits++)
        {
            int length = Lookup[bits] >> 8, symbol = Lookup[bits] & 255;
            int run = symbol >> 4, size = symbol & 15, total = length + size;
            if (length == 0 || size == 0 || total > LookBits) continue;
            int raw = (bits >> (LookBits - total)) & ((1 << size) - 1);
            int value = raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
            if (value is >= -128 and <= 127) ValueLookup[bits] = (short)(value * 256 + run * 16 + total);
        }
    }
}
