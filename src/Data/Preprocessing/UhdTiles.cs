namespace MmKernels.Data.Preprocessing;

/// <summary>
/// LLaVA-UHD v1: an overview and up to <paramref name="MostSlices"/> slices, each at the picture's own aspect with about <paramref name="Scale"/>² pixels and sides that
/// are multiples of <paramref name="Patch"/>; a small picture is the overview alone. Overview and slices differ in size (its slice_process.py).
/// </summary>
public sealed record UhdTiles(int Scale, int Patch, int MostSlices) : TilingRule
{
    internal override IReadOnlyList<TileLayout> Choose(PixelSize picture)
    {
        double area = (double)Scale * Scale;
        int wanted = (int)Math.Min(Math.Ceiling((double)picture.Width * picture.Height / area), MostSlices);
        if (wanted <= 1) return [TileLayout.Whole(BestSize(picture.Width, picture.Height, enlarge: true))];

        (int columns, int rows) = BestGrid(picture, wanted);
        double cellWidth = Math.Max(1, picture.Width / columns), cellHeight = Math.Max(1, picture.Height / rows);
        PixelSize cell = BestSize(cellWidth, cellHeight, enlarge: true);
        var canvas = new PixelSize(cell.Width * columns, cell.Height * rows);
        return [TileLayout.Whole(BestSize(picture.Width, picture.Height, enlarge: false)), new TileLayout(canvas, canvas, rows, columns)];
    }

    /// <summary>Of the grids of wanted - 1 to wanted + 1 slices (never one slice, never too many) the one nearest in the logarithm of the aspect; the first wins ties.</summary>
    private (int Columns, int Rows) BestGrid(PixelSize picture, int wanted)
    {
        (int Columns, int Rows) best = (1, 1);
        double least = double.PositiveInfinity, aspect = Math.Log((double)picture.Width / picture.Height);
        for (int slices = Math.Max(2, wanted - 1); slices <= Math.Min(wanted + 1, MostSlices); slices++)
            foreach ((int columns, int rows) in TileGrids.Of(slices))
            {
                double distance = Math.Abs(aspect - Math.Log((double)columns / rows));
                if (distance < least) (best, least) = ((columns, rows), distance);
            }
        return best;
    }

    private PixelSize BestSize(double width, double height, bool enlarge)
    {
        if (enlarge || width * height > (double)Scale * Scale)
        {
            double aspect = width / height;
            height = (int)(Scale / Math.Sqrt(aspect));
            width = (int)(height * aspect);
        }
        return new PixelSize(Multiple(width), Multiple(height));
    }

    private int Multiple(double side) => (int)Math.Max(Math.Floor(side / Patch) * Patch, Patch);
}
