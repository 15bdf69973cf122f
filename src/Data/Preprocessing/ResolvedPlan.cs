using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>
/// A <see cref="PreprocessPlan"/> for a picture of one size. Every view starts from the same RGB bytes [height, width, 3]; the tiles of a view, row by row,
/// become float32 [tiles, 3, height, width] through <paramref name="ByteValues"/>.
/// </summary>
/// <param name="Source">The size of the picture.</param>
/// <param name="Views">What is made of it.</param>
/// <param name="ByteValues">[3, 256]: the float32 value of each byte in each channel, bit-exact to the reference processors.</param>
public sealed record ResolvedPlan(PixelSize Source, IReadOnlyList<ResolvedView> Views, float[] ByteValues)
{
    /// <summary>Whether all tiles of all views have one size. LLaVA-UHD's and Idefics2's have not.</summary>
    public bool IsUniform
    {
        get
        {
            for (int i = 1; i < Views.Count; i++)
                if (Views[i].Tile != Views[0].Tile) return false;
            return true;
        }
    }

    /// <summary>The size of every tile.</summary>
    /// <exception cref="MmkException">MMK472: the views differ in size.</exception>
    public PixelSize Tile => IsUniform ? Views[0].Tile : throw ImageErrors.ViewsDiffer(Views[0].Tile.ToString());

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
    /// <exception cref="MmkException">MMK472: the views differ in size.</exception>
    public Shape OutputShape => new(Tiles, 3, Tile.Height, Tile.Width);
}
