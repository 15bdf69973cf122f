using System.Buffers.Binary;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>SOF: size and components, checked before anything is allocated.</summary>
internal sealed class JpegFrame
{
    private JpegFrame(int width, int height, bool progressive, JpegComponent[] components)
    {
        (Width, Height, Progressive, Components) = (width, height, progressive, components);
        foreach (JpegComponent component in components)
        {
            LargestHorizontal = Math.Max(LargestHorizontal, component.Horizontal);
            LargestVertical = Math.Max(LargestVertical, component.Vertical);
        }
        foreach (JpegComponent component in components) component.SetSize(width, height, LargestHorizontal, LargestVertical);
    }

    public int Width { get; }

    public int Height { get; }

    public bool Progressive { get; }

    public JpegComponent[] Components { get; }

    public int LargestHorizontal { get; }

    public int LargestVertical { get; }

    public int McusWide => (Width + 8 * LargestHorizontal - 1) / (8 * LargestHorizontal);

    public int McusHigh => (Height + 8 * LargestVertical - 1) / (8 * LargestVertical);

    /// <summary>Blocks that the file must carry.</summary>
    public long Blocks
    {
        get
        {
            long blocks = 0;
            foreach (JpegComponent component in Components) blocks += (long)component.BlocksWide * component.BlocksHigh;
            return blocks;
        }
    }

    public static JpegFrame Read(ReadOnlySpan<byte> segment, int marker, string name, ImageLimits limits)
    {
        if (segment.Length < 6) throw ImageErrors.Damaged(name, "JPEG", $"the frame header has {segment.Length} bytes");
        int precision = segment[0], height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), count = segment[5];
        if (precision == 12) throw ImageErrors.Unsupported(name, "JPEG", "12 bits a sample");
        if (precision != 8) throw ImageErrors.Damaged(name, "JPEG", $"the precision is {precision} bits");
        if (width == 0 || height == 0) throw ImageErrors.Damaged(name, "JPEG", $"the size is {width} x {height}");
        if ((long)width * height > limits.MaxPixels) throw ImageErrors.TooLarge(name, width, height, limits);
        if (count is not (1 or 3 or 4)) throw ImageErrors.Damaged(name, "JPEG", $"there are {count} components");
        if (segment.Length != 6 + 3 * count) throw ImageErrors.Damaged(name, "JPEG", $"the frame header of {count} components has {segment.Length} bytes");
        var components = new JpegComponent[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = segment[(6 + 3 * i)..];
            int horizontal = entry[1] >> 4, vertical = entry[1] & 15;
            if (horizontal is < 1 or > 4 || vertical is < 1 or > 4) throw ImageErrors.Damaged(name, "JPEG", $"component {i} has the sampling factors {horizontal} x {vertical}");
            if (entry[2] > 3) throw ImageErrors.Damaged(name, "JPEG", $"component {i} uses the quantisation table {entry[2]}");
            for (int other = 0; other < i; other++)
                if (components[other].Id == entry[0]) throw ImageErrors.Damaged(name, "JPEG", $"two components have the id {entry[0]}");
            components[i] = new JpegComponent(entry[0], horizontal, vertical, entry[2]);
        }
        var frame = new JpegFrame(width, height, marker == 0xc2, components);
        foreach (JpegComponent component in components)
            if (frame.LargestHorizontal % component.Horizontal != 0 || frame.LargestVertical % component.Vertical != 0)
                throw ImageErrors.Unsupported(name, "JPEG", $"the sampling {component.Horizontal} x {component.Vertical} of {frame.LargestHorizontal} x {frame.LargestVertical}");
        return frame;
    }

    public void Allocate(string name)
    {
        foreach (JpegComponent component in Components)
            if (Progressive) component.AllocateCoefficients(name);
            else component.AllocatePlane(name);
    }
}
