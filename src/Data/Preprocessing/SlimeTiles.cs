namespace MmKernels.Data.Preprocessing;

/// <summary>
/// SliME: as AnyRes, but the pinpoints are the grids of about as many tiles as the picture has pixels for, 2 to 6, and of one tile more and fewer
/// (its mm_utils.py, process_anyres_image).
/// </summary>
public sealed record SlimeTiles(int Side) : TilingRule
{
    internal override IReadOnlyList<TileLayout> Choose(PixelSize picture)
    {
        int tiles = (int)Math.Clamp(Math.Ceiling((double)picture.Width * picture.Height / ((double)Side * Side)), 2, 6);
        var pinpoints = new List<PixelSize>();
        for (int count = tiles <= 2 ? tiles : tiles - 1; count <= tiles + 1; count++)
            foreach ((int columns, int rows) in TileGrids.Of(count)) pinpoints.Add(new PixelSize(columns * Side, rows * Side));
        return new AnyResTiles(Side, [.. pinpoints]).Choose(picture);
    }
}
