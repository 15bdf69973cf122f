namespace MmKernels.Fuzz;

/// <summary>JPEG: segments, Huffman tables, scans, restarts, sampling.</summary>
public sealed class JpegTarget : PictureTarget
{
    public override string Name => "jpeg";

    protected override string Folder => "jpeg";
}
