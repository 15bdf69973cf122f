using MmKernels.Data.Images.Bmp;
using MmKernels.Data.Images.Gif;
using MmKernels.Data.Images.Jpeg;
using MmKernels.Data.Images.Png;
using MmKernels.Data.Images.Pnm;
using MmKernels.Data.Images.WebP;

namespace MmKernels.Data.Images;

/// <summary>Reads picture files. The format is told from the first bytes, never from the name.</summary>
public static class ImageFile
{
    /// <summary>
    /// Decodes the picture at <paramref name="path"/>; the pixels are those that Pillow gives
    /// (16-bit gray saturates at 255, other 16-bit types keep the high byte; gamma and profiles are never applied).
    /// </summary>
    /// <exception cref="MmkException">
    /// MMK460: the file cannot be read. MMK461: it is no picture. MMK462, MMK463: it is damaged or cut. MMK464: it is larger than
    /// <paramref name="limits"/> allow. MMK465: it uses a feature that is not supported. MMK467: it is WebP and the machine has no libwebp.
    /// </exception>
    public static Image Decode(string path, ImageLimits? limits = null) => Decode(ReadBytes(path, limits), path, limits);

    /// <summary>Decodes the picture in <paramref name="bytes"/>; <paramref name="name"/> is what errors call it.</summary>
    /// <inheritdoc cref="Decode(string, ImageLimits?)"/>
    public static Image Decode(byte[] bytes, string name = "the picture", ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        if (bytes.Length > limits.MaxFileBytes) throw ImageErrors.FileTooLarge(name, bytes.Length, limits);
        return FormatOf(bytes) switch
        {
            "PNG" => PngDecoder.Decode(bytes, name, limits),
            "JPEG" => JpegDecoder.Decode(bytes, name, limits),
            "BMP" => BmpDecoder.Decode(bytes, name, limits),
            "GIF" => GifDecoder.Decode(bytes, name, limits),
            "PNM" => PnmDecoder.Decode(bytes, name, limits),
            "WebP" => WebPDecoder.Decode(bytes, name, limits),
            _ => throw ImageErrors.NotAPicture(name, bytes),
        };
    }

    /// <summary>The format that the first bytes show: PNG, JPEG, BMP, GIF, PNM or WebP; null for anything else.</summary>
    public static string? FormatOf(ReadOnlySpan<byte> bytes)
        => PngDecoder.Recognises(bytes) ? "PNG"
        : JpegDecoder.Recognises(bytes) ? "JPEG"
        : BmpDecoder.Recognises(bytes) ? "BMP"
        : GifDecoder.Recognises(bytes) ? "GIF"
        : PnmDecoder.Recognises(bytes) ? "PNM"
        : WebPDecoder.Recognises(bytes) ? "WebP"
        : null;

    /// <summary>Writes a PNG file. CMYK becomes RGB, bilevel becomes gray; the orientation is not written: turn the picture by <see cref="Image.Upright"/> first.</summary>
    /// <exception cref="MmkException">MMK471: the file cannot be written.</exception>
    public static void WritePng(string path, Image image)
    {
        try
        {
            using FileStream file = File.Create(path);
            PngWriter.Write(file, image);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ImageErrors.CannotWrite(path, e.Message, e);
        }
    }

    /// <summary>The bytes of the PNG file that <see cref="WritePng"/> writes.</summary>
    public static byte[] EncodePng(Image image)
    {
        using var file = new MemoryStream();
        PngWriter.Write(file, image);
        return file.ToArray();
    }

    /// <summary>The bytes of a file no larger than the limits allow.</summary>
    /// <exception cref="MmkException">MMK460: the file cannot be read. MMK464: it is too large.</exception>
    public static byte[] ReadBytes(string path, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        try
        {
            var file = new FileInfo(path);
            if (Directory.Exists(path)) throw ImageErrors.CannotRead(path, "it is a folder");
            if (!file.Exists) throw ImageErrors.CannotRead(path, "there is no such file");
            if (file.Length > limits.MaxFileBytes) throw ImageErrors.FileTooLarge(path, file.Length, limits);
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ImageErrors.CannotRead(path, e.Message, e);
        }
    }
}
