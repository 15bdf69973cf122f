namespace MmKernels.Data.Preprocessing;

/// <summary>LLaVA-NeXT and LLaVA-OneVision: the picture squeezed to one tile, then the tiles of the picture fitted to the best of the <paramref name="Pinpoints"/>.</summary>
public sealed record AnyResTiles(int Side, PixelSize[] Pinpoints) : TilingRule
{
    internal override IReadOnlyList<TileLayout> Choose(PixelSize picture)
    {
        PixelSize canvas = TileGrids.Select(picture, Pinpoints);
        return [TileLayout.Whole(new PixelSize(Side, Side)), new TileLayout(TileGrids.Fit(picture, canvas), canvas, canvas.Height / Side, canvas.Width / Side)];
    }
}
