namespace MmKernels.Data.Images;

/// <summary>Pillow's resampling filters, with Pillow's numbers (the <c>resample</c> key of preprocessor_config.json).</summary>
public enum ResampleFilter
{
    /// <summary>The nearest pixel, no antialiasing.</summary>
    Nearest = 0,

    /// <summary>sinc(x) · sinc(x/3) within 3 pixels.</summary>
    Lanczos = 1,

    /// <summary>1 - |x| within 1 pixel.</summary>
    Bilinear = 2,

    /// <summary>Keys' cubic with a = -0.5 within 2 pixels.</summary>
    Bicubic = 3,

    /// <summary>The mean within half a pixel.</summary>
    Box = 4,

    /// <summary>A Hamming-windowed sinc within 1 pixel.</summary>
    Hamming = 5,
}
