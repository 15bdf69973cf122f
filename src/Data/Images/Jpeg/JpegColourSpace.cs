namespace MmKernels.Data.Images.Jpeg;

/// <summary>What the components of a JPEG file mean.</summary>
internal enum JpegColourSpace
{
    /// <summary>Gray, R G B or C M Y K: taken as they are.</summary>
    Plain,
    YCbCr,
    Ycck,
}
