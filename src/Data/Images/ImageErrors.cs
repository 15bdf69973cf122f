namespace MmKernels.Data.Images;

/// <summary>Every error of pictures and preprocessing: 460–489.</summary>
internal static class ImageErrors
{
    public static MmkException CannotRead(string path, string why, Exception? inner = null)
        => new(460, $"the picture {path} cannot be read: {why}", "Check the path and the permissions", inner);

    public static MmkException NotAPicture(string name, ReadOnlySpan<byte> bytes)
        => new(461, $"{name} is not a picture of a known format: it {FirstBytes(bytes)}", "PNG, JPEG, BMP, GIF, PPM/PGM/PBM and WebP are read");

    public static MmkException Damaged(string name, string format, string what)
        => new(462, $"{name}: damaged {format} file: {what}", "Copy or export the picture again");

    public static MmkException Truncated(string name, string format, string where)
        => new(463, $"{name}: the {format} file ends early, in {where}", "Copy or export the picture again");

    public static MmkException TooLarge(string name, long width, long height, ImageLimits limits)
        => new(464, $"{name} declares {width} x {height} pixels; the limit is {limits.MaxPixels} pixels", "Shrink the picture or raise ImageLimits.MaxPixels");

    public static MmkException FileTooLarge(string name, long bytes, ImageLimits limits)
        => new(464, $"{name} has {bytes} bytes; the limit is {limits.MaxFileBytes}", "Shrink the picture or raise ImageLimits.MaxFileBytes");

    public static MmkException NoMemory(string name, long bytes)
        => new(464, $"{name} needs {bytes} bytes of memory, which are not to be had", "Shrink the picture or lower ImageLimits.MaxPixels");

    public static MmkException Unsupported(string name, string format, string feature)
        => new(465, $"{name}: {format} with {feature} is not supported", "Convert the picture to PNG or to baseline JPEG");

    public static MmkException WrongBytes(int width, int height, PixelMode mode, long bytes)
        => new(466, $"{bytes} bytes do not make a picture of {width} x {height} pixels in the mode {mode}", "Give width · height · channels bytes, with both sizes 1 or more");

    public static MmkException NoLibrary(string name, string format, string library, string package)
        => new(467, $"{name} is a {format} picture, and the library {library} is not on this machine", $"Install it (Debian, Ubuntu: apt install {package}) or convert the picture to PNG");

    public static MmkException Resize(string problem) => new(468, $"a picture cannot be resized: {problem}", "Give sizes of 1 or more and a box inside the picture");

    public static MmkException ResizeTableTooLarge(int inLength, int outLength)
        => new(468, $"a side of {inLength} pixels cannot be resampled to {outLength}: the table of coefficients would exceed 2^27 entries", "Shrink the picture first");

    public static MmkException NoProcessor(string name)
        => new(469, $"{name} names neither an image_processor_type nor a size", "Give a preprocessor_config.json");

    public static MmkException UnknownProcessor(string name, string type)
        => new(469, $"{name}: the processor {(type.Length > 60 ? type[..60] + "…" : type)} is not supported",
            "CLIP, LLaVA, LLaVA-NeXT and -OneVision, BLIP, IDEFICS, Idefics2, SigLIP, ViT, Fuyu, Qwen-VL, Qwen2-VL, LAVIS and open_clip processors are");

    public static MmkException PlanSize(string from, long width, long height, long maxPixels)
        => new(470, $"preprocessing would make {width} x {height} pixels of {from}; 1 to {maxPixels} pixels are allowed", "The picture's aspect is too extreme, or the processor's sizes are wrong");

    public static MmkException CannotWrite(string path, string why, Exception inner)
        => new(471, $"the picture {path} cannot be written: {why}", "Check the path and the permissions", inner);

    public static MmkException ViewsDiffer(string first)
        => new(472, $"the views of this picture differ in size (the first is {first}), so they are no one tensor", "Take them one by one: PreprocessPlan.RunViews");

    private static string FirstBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "is empty";
        ReadOnlySpan<byte> first = bytes[..Math.Min(bytes.Length, 12)];
        string begins = $"begins with {Convert.ToHexStringLower(first)}";
        string? kind = KindOf(bytes);
        if (kind is not null) return $"{begins}, like {kind}";
        // Text says more as text.
        Span<char> text = stackalloc char[first.Length];
        for (int i = 0; i < first.Length; i++)
        {
            bool space = first[i] is (byte)'\t' or (byte)'\n' or (byte)'\r';
            if (!space && first[i] is < 0x20 or > 0x7e) return begins;
            text[i] = space ? ' ' : (char)first[i];
        }
        return $"{begins} (\"{text}\")";
    }

    private static string? KindOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("%PDF"u8)) return "a PDF document";
        if (bytes.StartsWith("<svg"u8) || bytes.StartsWith("<?xml"u8)) return "SVG or XML text";
        if (bytes.StartsWith("<!DOCTYPE"u8) || bytes.StartsWith("<html"u8)) return "a web page";
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8)) return "TIFF";
        if (bytes.StartsWith("PK\x03\x04"u8)) return "a ZIP archive";
        if (bytes.Length >= 12 && bytes[4..8].SequenceEqual("ftyp"u8)) return "HEIF, AVIF or an MP4 video";
        if (bytes.Length >= 4 && bytes[1..4].SequenceEqual("PNG"u8)) return "a PNG file damaged by a text transfer";
        if (bytes.StartsWith("version https://git-lfs"u8)) return "a Git LFS pointer instead of the file";
        return null;
    }
}
