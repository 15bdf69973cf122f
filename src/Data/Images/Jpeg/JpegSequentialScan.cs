namespace MmKernels.Data.Images.Jpeg;

/// <summary>Decodes the blocks of baseline and extended sequential scans straight into samples.</summary>
internal sealed unsafe class JpegSequentialScan(JpegBits bits, string name)
{
    private readonly short[] block = new short[64];

    /// <summary>Decodes one block of <paramref name="component"/> to the samples at block (x, y).</summary>
    public void DecodeBlock(JpegComponent component, int x, int y)
    {
        fixed (short* coefficients = block)
        fixed (byte* target = &component.Plane[y * 8 * component.Stride + x * 8])
        fixed (int* quantisation = component.Quantisation)
        {
            int size = bits.Symbol(component.Dc!);
            if ((uint)size > 15) throw Broken("a DC code");
            component.Prediction += bits.Value(size);
            coefficients[0] = (short)component.Prediction;
            int last = DecodeAc(component.Ac!, coefficients);
            if (last == 0) JpegIdct.FlatBlock(coefficients[0] * quantisation[0], target, component.Stride);
            else
            {
                JpegIdct.Block(coefficients, quantisation, target, component.Stride);
                block.AsSpan().Clear();
            }
        }
    }

    /// <summary>Returns the index of the last coefficient that was written, 0 for none.</summary>
    private int DecodeAc(JpegHuffman table, short* coefficients)
    {
        // The reader's state in locals: this loop takes most of the time of a decode.
        ulong buffer = bits.Buffer;
        int count = bits.Count, last = 0;
        fixed (short* values = table.ValueLookup)
        fixed (ushort* lookup = table.Lookup)
        fixed (byte* natural = JpegZigzag.Natural)
            for (int k = 1; k < 64;)
            {
                if (count < 32)
                {
                    (bits.Buffer, bits.Count) = (buffer, count);
                    bits.Refill();
                    (buffer, count) = (bits.Buffer, bits.Count);
                }
                int index = (int)(buffer >> (64 - JpegHuffman.LookBits));
                int fast = values[index];
                if (fast != 0)
                {
                    k += (fast >> 4) & 15;
                    if (k > 63) throw Broken("a run of zeros");
                    buffer <<= fast & 15;
                    count -= fast & 15;
                    last = k;
                    coefficients[natural[k++]] = (short)(fast >> 8);
                    continue;
                }
                int symbol = lookup[index] & 255, length = lookup[index] >> 8;
                if (length == 0) (symbol, length) = table.FindLong(buffer);
                if (length > 16) throw Broken("an AC code");
                buffer <<= length;
                count -= length;
                int run = symbol >> 4, size = symbol & 15;
                if (size == 0)
                {
                    if (run != 15) break;
                    k += 16;
                    continue;
                }
                k += run;
                if (k > 63) throw Broken("a run of zeros");
                int raw = (int)(buffer >> (64 - size));
                buffer <<= size;
                count -= size;
                last = k;
                coefficients[natural[k++]] = (short)(raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw);
            }
        (bits.Buffer, bits.Count) = (buffer, count);
        return last;
    }

    private MmkException Broken(string what) => ImageErrors.Damaged(name, "JPEG", $"{what} before byte {bits.Position} does not exist");
}
