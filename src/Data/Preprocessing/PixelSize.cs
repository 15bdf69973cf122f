namespace MmKernels.Data.Preprocessing;

/// <summary>Width and height in pixels.</summary>
public readonly record struct PixelSize(int Width, int Height)
{
    public override string ToString() => $"{Width} x {Height}";
}
