namespace MmKernels.Fuzz;

/// <summary>BMP: headers, masks, palettes, run lengths.</summary>
public sealed class BmpTarget : PictureTarget
{
    public override string Name => "bmp";

    protected override string Folder => "bmp";
}
