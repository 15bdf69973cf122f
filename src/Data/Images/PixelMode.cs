namespace MmKernels.Data.Images;

/// <summary>What the bytes of a pixel mean; the modes are Pillow's, because processors branch on them.</summary>
public enum PixelMode
{
    /// <summary>One byte, 0 or 255 (Pillow's "1").</summary>
    Bilevel,

    /// <summary>One byte (Pillow's "L").</summary>
    Gray,

    /// <summary>Gray, alpha (Pillow's "LA").</summary>
    GrayAlpha,

    /// <summary>One byte, an index into the image's palette (Pillow's "P").</summary>
    Palette,

    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Red, green, blue, alpha; colours are not premultiplied.</summary>
    Rgba,

    /// <summary>Cyan, magenta, yellow, black; 255 is full ink.</summary>
    Cmyk,
}
