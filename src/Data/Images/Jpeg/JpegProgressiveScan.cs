namespace MmKernels.Data.Images.Jpeg;

/// <summary>Decodes the blocks of progressive scans into coefficients (T.81, annex G).</summary>
internal sealed class JpegProgressiveScan(JpegBits bits, JpegScan scan, string name)
{
    private int endOfBandRun;

    public void Restart() => endOfBandRun = 0;

    /// <summary>Decodes this scan's part of the block (x, y) of a component.</summary>
    public void DecodeBlock(JpegComponent component, int x, int y)
    {
        Span<short> block = component.Coefficients.AsSpan((y * component.StoredBlocksWide + x) * 64, 64);
        if (scan.First == 0)
        {
            if (scan.High == 0) FirstDc(component, block);
            else block[0] |= (short)(bits.Take(1) << scan.Low);
        }
        else if (scan.High == 0) FirstAc(component.Ac!, block);
        else RefineAc(component.Ac!, block);
    }

    private void FirstDc(JpegComponent component, Span<short> block)
    {
        int size = bits.Symbol(component.Dc!);
        if ((uint)size > 15) throw Broken("a DC code");
        component.Prediction += bits.Value(size);
        block[0] = (short)(component.Prediction << scan.Low);
    }

    private void FirstAc(JpegHuffman table, Span<short> block)
    {
        if (endOfBandRun > 0)
        {
            endOfBandRun--;
            return;
        }
        for (int k = scan.First; k <= scan.Last; k++)
        {
            int symbol = bits.Symbol(table);
            if (symbol < 0) throw Broken("an AC code");
            int run = symbol >> 4, size = symbol & 15;
            if (size == 0)
            {
                if (run != 15)
                {
                    endOfBandRun = (1 << run) - 1 + bits.Take(run);
                    return;
                }
                k += 15;
                continue;
            }
            k += run;
            if (k > scan.Last) throw Broken("a run of zeros");
            block[JpegZigzag.Natural[k]] = (short)(bits.Value(size) << scan.Low);
        }
    }

    private void RefineAc(JpegHuffman table, Span<short> block)
    {
        int k = scan.First;
        if (endOfBandRun == 0)
            for (; k <= scan.Last; k++)
            {
                int symbol = bits.Symbol(table);
                if (symbol < 0) throw Broken("an AC code");
                int run = symbol >> 4, size = symbol & 15;
                if (size > 1) throw Broken("a refinement of more than one bit");
                if (size == 0 && run != 15)
                {
                    endOfBandRun = (1 << run) + bits.Take(run);
                    break;
                }
                int value = size == 0 ? 0 : bits.Take(1) != 0 ? 1 << scan.Low : -1 << scan.Low;
                k = SkipZeros(block, k, run);
                if (value != 0)
                {
                    if (k > scan.Last) throw Broken("a run of zeros");
                    block[JpegZigzag.Natural[k]] = (short)value;
                }
            }
        if (endOfBandRun == 0) return;
        for (; k <= scan.Last; k++) Refine(ref block[JpegZigzag.Natural[k]]);
        endOfBandRun--;
    }

    /// <summary>Passes over <paramref name="zeros"/> coefficients that are still zero, refining the others on the way; returns where the next zero is.</summary>
    private int SkipZeros(Span<short> block, int k, int zeros)
    {
        for (; k <= scan.Last; k++)
        {
            ref short coefficient = ref block[JpegZigzag.Natural[k]];
            if (coefficient != 0) Refine(ref coefficient);
            else if (--zeros < 0) break;
        }
        return k;
    }

    private void Refine(ref short coefficient)
    {
        if (coefficient == 0 || bits.Take(1) == 0) return;
        int bit = 1 << scan.Low;
        if ((coefficient & bit) == 0) coefficient += (short)(coefficient >= 0 ? bit : -bit);
    }

    private MmkException Broken(string what) => ImageErrors.Damaged(name, "JPEG", $"{what} before byte {bits.Position} does not exist");
}
