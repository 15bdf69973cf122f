namespace MmKernels.Data.Images.Pnm;

/// <summary>The tokens and samples of a PNM file; comments run from # to the end of the line.</summary>
internal sealed class PnmReader(byte[] bytes, string name)
{
    private const int MaxDigits = 10;

    private int position = 2;

    /// <summary>Bytes that follow.</summary>
    public int Left => bytes.Length - position;

    public static bool IsSpace(byte b) => b is (byte)' ' or (>= 9 and <= 13);

    /// <summary>A number of the header, which something must follow.</summary>
    public int HeaderNumber(string what)
    {
        int value = Number(what);
        if (position >= bytes.Length) throw ImageErrors.Truncated(name, "PNM", $"the header, after the {what}");
        return value;
    }

    /// <summary>The one white space between the header and binary samples.</summary>
    public void EndHeader()
    {
        if (!IsSpace(bytes[position++])) throw ImageErrors.Damaged(name, "PNM", $"no white space ends the header at byte {position - 1}");
    }

    /// <summary>A plain sample.</summary>
    public int Sample(int largest)
    {
        int value = Number("sample");
        return value <= largest ? value : throw AboveLargest(value, largest);
    }

    public int BinarySample(int largest)
    {
        int value = bytes[position++];
        if (largest > 255) value = value << 8 | bytes[position++];
        return value <= largest ? value : throw AboveLargest(value, largest);
    }

    /// <summary>A plain bit; no white space is needed between bits.</summary>
    public bool Bit()
    {
        SkipSpace("bit");
        byte b = bytes[position++];
        return b switch
        {
            (byte)'0' => false,
            (byte)'1' => true,
            _ => throw ImageErrors.Damaged(name, "PNM", $"byte {position - 1} is {b:x2}, not a bit"),
        };
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        position += count;
        return bytes.AsSpan(position - count, count);
    }

    private int Number(string what)
    {
        SkipSpace(what);
        int start = position;
        long value = 0;
        for (; position < bytes.Length && bytes[position] is >= (byte)'0' and <= (byte)'9' && position - start <= MaxDigits; position++)
            value = value * 10 + (bytes[position] - '0');
        bool ends = position == bytes.Length || IsSpace(bytes[position]) || bytes[position] == '#';
        if (position == start || !ends || value > int.MaxValue) throw ImageErrors.Damaged(name, "PNM", $"the {what} at byte {start} is no number, or too large a one");
        return (int)value;
    }

    private void SkipSpace(string before)
    {
        for (; position < bytes.Length; position++)
        {
            if (bytes[position] == '#')
                while (position + 1 < bytes.Length && bytes[position + 1] is not ((byte)'\n' or (byte)'\r')) position++;
            else if (!IsSpace(bytes[position])) return;
        }
        throw ImageErrors.Truncated(name, "PNM", $"front of a {before}");
    }

    private MmkException AboveLargest(int value, int largest) => ImageErrors.Damaged(name, "PNM", $"the sample {value} before byte {position} is above the largest value {largest}");
}
