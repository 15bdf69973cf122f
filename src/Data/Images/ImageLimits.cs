namespace MmKernels.Data.Images;

/// <summary>What a picture may declare before any memory is taken for it.</summary>
public sealed record ImageLimits
{
    /// <summary>178 megapixels: twice Pillow's MAX_IMAGE_PIXELS, where Pillow refuses.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>Largest width · height.</summary>
    public long MaxPixels { get; init; } = 178_956_970;

    /// <summary>Largest file, in bytes.</summary>
    public long MaxFileBytes { get; init; } = 1L << 30;
}
