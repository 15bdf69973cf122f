namespace MmKernels.Data.Images.Jpeg;

/// <summary>SOS: the components of a scan and, for progressive files, its band and bits.</summary>
internal sealed class JpegScan
{
    private JpegScan(JpegComponent[] components, int first, int last, int high, int low)
        => (Components, First, Last, High, Low) = (components, first, last, high, low);

    public JpegComponent[] Components { get; }

    /// <summary>First and last coefficient in zigzag order.</summary>
    public int First { get; }

    public int Last { get; }

    /// <summary>Bit position of the scan before for these coefficients (0: none).</summary>
    public int High { get; }

    /// <summary>Bit position of this scan.</summary>
    public int Low { get; }

    public static JpegScan Read(ReadOnlySpan<byte> segment, JpegFrame frame, JpegHuffman?[] dc, JpegHuffman?[] ac, string name)
    {
        int count = segment.IsEmpty ? 0 : segment[0];
        if (count is < 1 or > 4 || segment.Length != 4 + 2 * count) throw ImageErrors.Damaged(name, "JPEG", $"a scan header of {count} components has {segment.Length} bytes");
        var components = new JpegComponent[count];
        int blocks = 0;
        for (int i = 0; i < count; i++)
        {
            int id = segment[1 + 2 * i], tables = segment[2 + 2 * i];
            JpegComponent component = Array.Find(frame.Components, c => c.Id == id) ?? throw ImageErrors.Damaged(name, "JPEG", $"a scan names the component {id}, which the frame lacks");
            if (Array.IndexOf(components, component, 0, i) >= 0) throw ImageErrors.Damaged(name, "JPEG", $"a scan names the component {id} twice");
            if (tables >> 4 > 3 || (tables & 15) > 3) throw ImageErrors.Damaged(name, "JPEG", $"a scan uses the Huffman tables {tables >> 4} and {tables & 15}");
            (component.Dc, component.Ac) = (dc[tables >> 4], ac[tables & 15]);
            components[i] = component;
            blocks += component.Horizontal * component.Vertical;
        }
        const int maxBlocksInMcu = 10;
        if (count > 1 && blocks > maxBlocksInMcu) throw ImageErrors.Damaged(name, "JPEG", $"an MCU has {blocks} blocks");
        ReadOnlySpan<byte> tail = segment[(1 + 2 * count)..];
        var scan = new JpegScan(components, tail[0], tail[1], tail[2] >> 4, tail[2] & 15);
        if (frame.Progressive) scan.CheckProgression(name);
        else scan.CheckSequential(name);
        return scan;
    }

    private void CheckSequential(string name)
    {
        foreach (JpegComponent component in Components)
        {
            if (component.LowestBits[0] == 0) throw ImageErrors.Damaged(name, "JPEG", $"the component {component.Id} comes in two scans");
            component.LowestBits[0] = 0;
        }
    }

    /// <summary>Every coefficient is sent once, then refined bit by bit; nothing else is a progression (T.81 G.1.1).</summary>
    private void CheckProgression(string name)
    {
        bool dc = First == 0;
        if (First > Last || Last > 63 || (dc && Last != 0) || (!dc && Components.Length != 1) || Low > 13 || (High != 0 && High != Low + 1))
            throw ImageErrors.Damaged(name, "JPEG", $"a scan of the coefficients {First} to {Last}, bits {High} to {Low}, does not exist");
        foreach (JpegComponent component in Components)
        {
            if (!dc && component.LowestBits[0] < 0) throw ImageErrors.Damaged(name, "JPEG", "AC coefficients come before the DC coefficients");
            for (int k = First; k <= Last; k++)
            {
                int before = component.LowestBits[k];
                if (High == 0 ? before >= 0 : before != High) throw ImageErrors.Damaged(name, "JPEG", $"the scans of coefficient {k} do not follow each other");
                component.LowestBits[k] = Low;
            }
        }
    }
}
