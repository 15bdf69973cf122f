namespace MmKernels.Data.Images.Jpeg;

/// <summary>One colour component of a frame: its sampling, its samples and (progressive files) its coefficients.</summary>
internal sealed class JpegComponent(int id, int horizontal, int vertical, int quantiser)
{
    public int Id => id;

    /// <summary>Sampling factors.</summary>
    public int Horizontal => horizontal;

    public int Vertical => vertical;

    /// <summary>Index of the quantisation table.</summary>
    public int Quantiser => quantiser;

    /// <summary>True size in samples: ceil(frame · factor / largest factor).</summary>
    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Blocks that carry samples; a scan of this component alone has no others.</summary>
    public int BlocksWide => (Width + 7) / 8;

    public int BlocksHigh => (Height + 7) / 8;

    /// <summary>Blocks stored, whole MCUs.</summary>
    public int StoredBlocksWide { get; private set; }

    public int StoredBlocksHigh { get; private set; }

    /// <summary>Samples in a row of <see cref="Plane"/>.</summary>
    public int Stride => StoredBlocksWide * 8;

    /// <summary>The samples, [StoredBlocksHigh · 8, Stride].</summary>
    public byte[] Plane { get; private set; } = [];

    /// <summary>Progressive: 64 coefficients per block in natural order.</summary>
    public short[] Coefficients { get; private set; } = [];

    /// <summary>The table's values in natural order, taken when the component's first scan begins, as libjpeg does; null before.</summary>
    public int[]? Quantisation { get; set; }

    /// <summary>The last DC value of the scan.</summary>
    public int Prediction { get; set; }

    public JpegHuffman? Dc { get; set; }

    public JpegHuffman? Ac { get; set; }

    /// <summary>Progressive: by coefficient the lowest bit received so far, -1 for none.</summary>
    public int[] LowestBits { get; } = NothingReceived();

    public void SetSize(int frameWidth, int frameHeight, int largestHorizontal, int largestVertical)
    {
        Width = (int)(((long)frameWidth * horizontal + largestHorizontal - 1) / largestHorizontal);
        Height = (int)(((long)frameHeight * vertical + largestVertical - 1) / largestVertical);
        StoredBlocksWide = (frameWidth + 8 * largestHorizontal - 1) / (8 * largestHorizontal) * horizontal;
        StoredBlocksHigh = (frameHeight + 8 * largestVertical - 1) / (8 * largestVertical) * vertical;
    }

    public void AllocatePlane(string name) => Plane = Image.Allocate(name, Stride, StoredBlocksHigh * 8L, 1);

    public void AllocateCoefficients(string name)
    {
        long count = 64L * StoredBlocksWide * StoredBlocksHigh;
        if (count > Array.MaxLength) throw ImageErrors.NoMemory(name, 2 * count);
        try { Coefficients = new short[count]; }
        catch (OutOfMemoryException) { throw ImageErrors.NoMemory(name, 2 * count); }
    }

    /// <summary>Gives the coefficients back once the plane is made of them.</summary>
    public void DropCoefficients() => Coefficients = [];

    private static int[] NothingReceived()
    {
        var bits = new int[64];
        Array.Fill(bits, -1);
        return bits;
    }
}
