namespace MmKernels.Data.Images.Bmp;

/// <summary>The compressions that are read.</summary>
internal enum BmpCompression : uint
{
    None = 0,
    Rle8 = 1,
    Rle4 = 2,
    BitFields = 3,
}
