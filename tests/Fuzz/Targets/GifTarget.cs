namespace MmKernels.Fuzz;

/// <summary>GIF: blocks, LZW, frames.</summary>
public sealed class GifTarget : PictureTarget
{
    public override string Name => "gif";

    protected override string Folder => "gif";
}
