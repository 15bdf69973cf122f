using System.Buffers.Binary;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>
/// The bits of entropy-coded data. Stuffed zeros are removed; from the next marker (or the end of the file) on, zero bits follow, and
/// <see cref="Exhausted"/> tells when they have been used.
/// </summary>
internal sealed unsafe class JpegBits(byte* data, int length)
{
    /// <summary>The next bits, the very next one on top; below <see cref="Count"/> bits it holds zeros.</summary>
    public ulong Buffer;

    /// <summary>Bits in the buffer, those beyond the end included.</summary>
    public int Count;

    /// <summary>The next byte to load.</summary>
    public int Position;

    private int padding;

    /// <summary>Whether more bits were taken than the data has.</summary>
    public bool Exhausted => Count < padding;

    /// <summary>Bits left in the buffer that are in the file.</summary>
    public int Left => Count - padding;

    public void Start(int position) => (Position, Buffer, Count, padding) = (position, 0, 0, 0);

    /// <summary>Makes at least 56 bits available.</summary>
    public void Refill()
    {
        if (Position <= length - 8)
        {
            ulong next = BinaryPrimitives.ReverseEndianness(*(ulong*)(data + Position));
            // No byte is 0xff iff no byte of the complement is 0.
            if (((~next - 0x0101010101010101ul) & next & 0x8080808080808080ul) == 0)
            {
                Buffer |= next >> Count;
                Position += (63 - Count) >> 3;
                Count |= 56;
                return;
            }
        }
        while (Count <= 56) RefillByte();
    }

    private void RefillByte()
    {
        ulong value = 0;
        if (Position >= length) padding += 8;
        else if (data[Position] != 0xff) value = data[Position++];
        else if (Position + 1 < length && data[Position + 1] == 0)
        {
            value = 0xff;
            Position += 2;
        }
        else padding += 8;
        Buffer |= value << (56 - Count);
        Count += 8;
    }

    public int Take(int bits)
    {
        if (Count < bits) Refill();
        if (bits == 0) return 0;
        int value = (int)(Buffer >> (64 - bits));
        Skip(bits);
        return value;
    }

    public void Skip(int bits)
    {
        Buffer <<= bits;
        Count -= bits;
    }

    /// <summary>The next Huffman symbol, or -1 where the bits are no code.</summary>
    public int Symbol(JpegHuffman table)
    {
        if (Count < 16) Refill();
        int entry = table.Lookup[(int)(Buffer >> (64 - JpegHuffman.LookBits))];
        if (entry != 0)
        {
            Skip(entry >> 8);
            return entry & 255;
        }
        (int symbol, int codeLength) = table.FindLong(Buffer);
        if (codeLength > 16) return -1;
        Skip(codeLength);
        return symbol;
    }

    /// <summary>A value of <paramref name="size"/> bits in the sign form of T.81 F.2.2.1.</summary>
    public int Value(int size)
    {
        if (size == 0) return 0;
        int raw = Take(size);
        return raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
    }
}
