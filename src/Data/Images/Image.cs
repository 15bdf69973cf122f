namespace MmKernels.Data.Images;

/// <summary>A decoded picture: bytes row by row, pixel by pixel, channel by channel ([height, width, channels]). Immutable.</summary>
public sealed class Image
{
    private readonly byte[] pixels;
    private readonly byte[] palette;

    /// <summary>A picture over <paramref name="pixels"/> (height · width · channels bytes), which the image owns from then on.</summary>
    /// <exception cref="MmkException">MMK466: the sizes do not fit together.</exception>
    public Image(int width, int height, PixelMode mode, byte[] pixels) : this(width, height, mode, pixels, []) { }

    internal Image(int width, int height, PixelMode mode, byte[] pixels, byte[] palette)
    {
        if (width < 1 || height < 1 || pixels.LongLength != (long)width * height * ChannelsOf(mode))
            throw ImageErrors.WrongBytes(width, height, mode, pixels.LongLength);
        (Width, Height, Mode, this.pixels, this.palette) = (width, height, mode, pixels, palette);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>What the channels mean.</summary>
    public PixelMode Mode { get; }

    /// <summary>Bytes per pixel.</summary>
    public int Channels => ChannelsOf(Mode);

    /// <summary>The bytes, [height, width, channels].</summary>
    public ReadOnlySpan<byte> Pixels => pixels;

    /// <summary>The palette's entries as R, G, B, A; empty unless the mode is <see cref="PixelMode.Palette"/>.</summary>
    public ReadOnlySpan<byte> Palette => palette;

    /// <summary>The EXIF orientation, 1 to 8; 1 where the file says nothing. The pixels are as stored: see <see cref="Upright"/>.</summary>
    public int Orientation { get; internal init; } = 1;

    /// <summary>The colour that counts as transparent (a PNG tRNS key), as R, G, B; a gray key has three equal parts.</summary>
    internal (byte R, byte G, byte B)? TransparentKey { get; init; }

    /// <summary>Whether the picture has an alpha channel, a key colour or a palette entry that is not opaque.</summary>
    public bool HasTransparency
    {
        get
        {
            if (Mode is PixelMode.GrayAlpha or PixelMode.Rgba || TransparentKey is not null) return true;
            for (int i = 3; i < palette.Length; i += 4)
                if (palette[i] != 255) return true;
            return false;
        }
    }

    /// <summary>The picture as R, G, B, as Pillow's convert("RGB"): alpha, key colours and palette transparency are dropped.</summary>
    public Image ToRgb() => Mode == PixelMode.Rgb && TransparentKey is null ? this : PixelConversion.ToRgb(this);

    /// <summary>The picture as R, G, B, A, as Pillow's convert("RGBA").</summary>
    public Image ToRgba() => Mode == PixelMode.Rgba ? this : PixelConversion.ToRgba(this);

    /// <summary>The picture as R, G, B composed over white, as transformers 5 does it; without transparency the same as <see cref="ToRgb"/>.</summary>
    public Image ComposedOverWhite() => HasTransparency ? PixelConversion.ComposeOverWhite(ToRgba()) : ToRgb();

    /// <summary>The picture turned as its <see cref="Orientation"/> says, as Pillow's ImageOps.exif_transpose.</summary>
    public Image Upright() => Orientation == 1 ? this : OrientationTransform.Apply(this);

    internal byte[] PixelArray => pixels;

    /// <summary>Other pixels of the same kind; the orientation is kept.</summary>
    internal Image With(int width, int height, byte[] bytes)
        => new(width, height, Mode, bytes, palette) { Orientation = Orientation, TransparentKey = TransparentKey };

    /// <summary>Bytes per pixel of a mode.</summary>
    public static int ChannelsOf(PixelMode mode) => mode switch
    {
        PixelMode.Rgb => 3,
        PixelMode.Rgba or PixelMode.Cmyk => 4,
        PixelMode.GrayAlpha => 2,
        _ => 1,
    };

    /// <summary>The bytes for a picture whose size has been checked against the limits.</summary>
    internal static byte[] Allocate(string name, long width, long height, int channels)
    {
        long bytes = width * height * channels;
        if (bytes > Array.MaxLength) throw ImageErrors.NoMemory(name, bytes);
        try { return new byte[bytes]; }
        catch (OutOfMemoryException) { throw ImageErrors.NoMemory(name, bytes); }
    }
}
