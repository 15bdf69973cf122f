namespace MmKernels.Engine;

/// <summary>What a picture file holds.</summary>
/// <param name="Format">PNG, JPEG, BMP, GIF, PNM or WebP.</param>
/// <param name="Width">Pixels in a row, as stored.</param>
/// <param name="Height">Rows, as stored.</param>
/// <param name="Mode">What a pixel's bytes mean, for example Rgb.</param>
/// <param name="HasTransparency">An alpha channel, a key colour or a palette entry that is not opaque.</param>
/// <param name="Orientation">EXIF, 1 to 8.</param>
/// <param name="PixelHash">SHA-256 of the RGB bytes as stored ([height, width, 3]).</param>
/// <param name="Prepared">What an encoder gets, where a processor was named.</param>
public sealed record PictureReport(string Format, int Width, int Height, string Mode, bool HasTransparency, int Orientation, string PixelHash, EncoderInput? Prepared);
