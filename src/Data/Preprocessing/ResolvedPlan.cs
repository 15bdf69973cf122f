namespace MmKernels.Data.Preprocessing;

/// <summary>
/// A <see cref="PreprocessPlan"/> for a picture of one size. Every view starts from the same RGB bytes [height, width, 3]; the tiles of all views, in order,
/// become float32 [tiles, 3, height, width] through <paramref name="ByteValues"/>.
/// </summary>
/// <param name="Source">The size of the picture.</param>
/// <param name="Views">What is made of it.</param>
/// <param name="ByteValues">[3, 256]: the float32 value of each byte in each channel, bit-exact to the reference processors.</param>
public sealed record ResolvedPlan(PixelSize Source, IReadOnlyList<ResolvedView> Views, float[] ByteValues)
{
    /// <summary>The size of every tile.</summary>
    public PixelSize Tile => Views[0].Tile;

    /// <summary>Tiles of all views together.</summary>
    public int Tiles
    {
        get
        {
            int tiles = 0;
            for (int i = 0; i < Views.Count; i++) tiles += Views[i].Rows * Views[i].Columns;
            return tiles;
        }
    }

    /// <summary>[tiles, 3, height, width].</summary>
    public Shape OutputShape => new(Tiles, 3, Tile.Height, Tile.Width);
}
