namespace MmKernels.Data.Preprocessing;

/// <summary>How a picture is cut into tiles: one layout or more, each made from the whole picture.</summary>
public abstract record TilingRule
{
    internal abstract IReadOnlyList<TileLayout> Choose(PixelSize picture);
}

/// <summary>The picture resized to <paramref name="Fitted"/>, in the middle of <paramref name="Canvas"/> on black, cut into equal tiles row by row.</summary>
internal readonly record struct TileLayout(PixelSize Fitted, PixelSize Canvas, int Rows, int Columns)
{
    /// <summary>The whole picture squeezed into one tile.</summary>
    public static TileLayout Whole(PixelSize size) => new(size, size, 1, 1);
}
