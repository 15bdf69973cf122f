using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>Turns the rules of a plan into numbers for one picture size.</summary>
internal sealed class PlanResolver(PreprocessPlan plan)
{
    /// <summary>Chains of steps from the source, one per view.</summary>
    private List<Branch> branches = [];

    public ResolvedPlan Resolve(PixelSize source)
    {
        branches = [new Branch(source)];
        RescaleStep? rescale = null;
        NormalizeStep? normalize = null;
        foreach (PreprocessStep step in plan.Steps)
            switch (step)
            {
                case RescaleStep one: rescale = one; break;
                case NormalizeStep one: normalize = one; break;
                case ConvertRgbStep: break;
                case TileStep tiles: branches = [.. branches.SelectMany(branch => Tiles(branch, tiles))]; break;
                case QuartersStep: branches = [.. branches.SelectMany(Quarters)]; break;
                default:
                    branches = [.. branches.SelectMany(branch => branch.Split())];
                    foreach (Branch branch in branches) Apply(branch, step);
                    break;
            }
        return new ResolvedPlan(source, [.. branches.Select(branch => branch.ToView())], ByteValues.Create(rescale, normalize));
    }

    private void Apply(Branch branch, PreprocessStep step)
    {
        PixelSize size = branch.Size;
        switch (step)
        {
            case ResizeStep resize:
                (long width, long height) = resize.Size.Apply(size.Width, size.Height);
                Resize(branch, width, height, resize.Filter);
                break;
            case CenterCropStep crop:
                Window(branch, crop.Width, crop.Height, Offset(size.Width - crop.Width, crop.Rounding), Offset(size.Height - crop.Height, crop.Rounding), Black);
                break;
            case ExpandToSquareStep square:
                int side = Math.Max(size.Width, size.Height);
                Window(branch, side, side, -((side - size.Width) / 2), -((side - size.Height) / 2), square.Fill);
                break;
            case PadStep pad:
                int outWidth = Math.Max(size.Width, pad.Width), outHeight = Math.Max(size.Height, pad.Height);
                Window(branch, outWidth, outHeight, pad.Centred ? -((outWidth - size.Width) / 2) : 0, pad.Centred ? -((outHeight - size.Height) / 2) : 0, pad.Fill);
                break;
        }
    }

    private IEnumerable<Branch> Tiles(Branch from, TileStep step)
    {
        foreach (TileLayout layout in step.Rule.Choose(from.Size))
        {
            var branch = new Branch(from);
            Resize(branch, layout.Fitted.Width, layout.Fitted.Height, step.Filter);
            PixelSize canvas = layout.Canvas;
            Window(branch, canvas.Width, canvas.Height, -((canvas.Width - layout.Fitted.Width) / 2), -((canvas.Height - layout.Fitted.Height) / 2), Black);
            (branch.Rows, branch.Columns) = (layout.Rows, layout.Columns);
            yield return branch;
        }
    }

    private IEnumerable<Branch> Quarters(Branch from)
    {
        (int width, int height) = (from.Size.Width, from.Size.Height);
        int left = width / 2, top = height / 2;
        foreach ((int x, int y, int w, int h) in new[] { (0, 0, left, top), (left, 0, width - left, top), (0, top, left, height - top), (left, top, width - left, height - top) })
        {
            var quarter = new Branch(from);
            Window(quarter, w, h, x, y, Black);
            yield return quarter;
        }
        yield return from;
    }

    private void Resize(Branch branch, long width, long height, ResampleFilter filter)
    {
        PixelSize size = branch.Size;
        Check(size, width, height);
        var target = new PixelSize((int)width, (int)height);
        if (target == size) return;
        var whole = new ResampleBox(0, 0, size.Width, size.Height);
        branch.Add(new ResolvedResize(size, target, filter, ResamplePasses.Create(size.Width, size.Height, whole, target.Width, target.Height, filter, plan.Order)));
    }

    private void Window(Branch branch, int width, int height, int left, int top, byte[] fill)
    {
        Check(branch.Size, width, height);
        var target = new PixelSize(width, height);
        if (target != branch.Size || left != 0 || top != 0) branch.Add(new ResolvedWindow(branch.Size, target, left, top, fill));
    }

    private void Check(PixelSize from, long width, long height)
    {
        if (width < 1 || height < 1 || width > plan.MaxPixels / height) throw ImageErrors.PlanSize(from.ToString(), width, height, plan.MaxPixels);
    }

    private static int Offset(int difference, CropRounding rounding)
    {
        if (rounding == CropRounding.Down) return (int)Math.Floor(difference / 2.0);
        return difference >= 0 ? (int)Math.Round(difference / 2.0, MidpointRounding.ToEven) : -(-difference / 2);
    }

    private static byte[] Black => [0, 0, 0, 0];

    private sealed class Branch(PixelSize source)
    {
        private readonly List<ResolvedStep> steps = [];

        public Branch(Branch from) : this(from.Size) => steps.AddRange(from.steps);

        public PixelSize Size { get; private set; } = source;

        public int Rows { get; set; } = 1;

        public int Columns { get; set; } = 1;

        public void Add(ResolvedStep step)
        {
            steps.Add(step);
            Size = step.Out;
        }

        public ResolvedView ToView() => new(steps.ToArray(), Size, Rows, Columns);

        /// <summary>One branch per tile, so that each can go its own way.</summary>
        public IEnumerable<Branch> Split()
        {
            if (Rows * Columns == 1) return [this];
            PixelSize tile = ToView().Tile;
            var split = new List<Branch>();
            for (int y = 0; y < Rows; y++)
                for (int x = 0; x < Columns; x++)
                {
                    var branch = new Branch(this);
                    branch.Add(new ResolvedWindow(Size, tile, x * tile.Width, y * tile.Height, Black));
                    split.Add(branch);
                }
            return split;
        }
    }
}
