using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>Turns the rules of a plan into numbers for one picture size.</summary>
internal sealed class PlanResolver(PreprocessPlan plan)
{
    private readonly List<ResolvedStep> steps = [];
    private PixelSize size;

    public ResolvedPlan Resolve(PixelSize source)
    {
        size = source;
        RescaleStep? rescale = null;
        NormalizeStep? normalize = null;
        List<ResolvedView>? views = null;
        foreach (PreprocessStep step in plan.Steps)
            switch (step)
            {
                case RescaleStep one: rescale = one; break;
                case NormalizeStep one: normalize = one; break;
                case AnyResStep anyRes: views = TileViews(anyRes); break;
                default: Resolve(step); break;
            }
        views ??= [new ResolvedView(steps.ToArray(), size, 1, 1)];
        return new ResolvedPlan(source, views, ByteValues.Create(rescale, normalize));
    }

    private void Resolve(PreprocessStep step)
    {
        switch (step)
        {
            case ResizeStep resize:
                Resize(resize.Size.Apply(size.Width, size.Height), resize.Filter);
                break;
            case CenterCropStep crop:
                Window(crop.Width, crop.Height, Offset(size.Width - crop.Width, crop.Rounding), Offset(size.Height - crop.Height, crop.Rounding), [0, 0, 0, 0]);
                break;
            case ExpandToSquareStep square:
                int side = Math.Max(size.Width, size.Height);
                Window(side, side, -((side - size.Width) / 2), -((side - size.Height) / 2), square.Fill);
                break;
            case PadStep pad:
                int width = Math.Max(size.Width, pad.Width), height = Math.Max(size.Height, pad.Height);
                Window(width, height, pad.Centred ? -((width - size.Width) / 2) : 0, pad.Centred ? -((height - size.Height) / 2) : 0, pad.Fill);
                break;
        }
    }

    /// <summary>The overview tile, then the grid.</summary>
    private List<ResolvedView> TileViews(AnyResStep step)
    {
        (ResolvedStep[] before, PixelSize start) = (steps.ToArray(), size);
        var tile = new PixelSize(step.TileSide, step.TileSide);

        Resize((tile.Width, tile.Height), step.Filter);
        var overview = new ResolvedView(steps.ToArray(), tile, 1, 1);

        steps.Clear();
        steps.AddRange(before);
        size = start;
        PixelSize best = AnyRes.Select(start, step.Pinpoints);
        PixelSize fitted = AnyRes.Fit(start, best);
        Resize((fitted.Width, fitted.Height), step.Filter);
        Window(best.Width, best.Height, -((best.Width - fitted.Width) / 2), -((best.Height - fitted.Height) / 2), [0, 0, 0, 0]);
        return [overview, new ResolvedView(steps.ToArray(), best, best.Height / step.TileSide, best.Width / step.TileSide)];
    }

    private void Resize((long Width, long Height) to, ResampleFilter filter)
    {
        Check(to.Width, to.Height);
        var target = new PixelSize((int)to.Width, (int)to.Height);
        if (target == size) return;
        var whole = new ResampleBox(0, 0, size.Width, size.Height);
        steps.Add(new ResolvedResize(size, target, filter, ResamplePasses.Create(size.Width, size.Height, whole, target.Width, target.Height, filter, plan.Order)));
        size = target;
    }

    private void Window(int width, int height, int left, int top, byte[] fill)
    {
        Check(width, height);
        var target = new PixelSize(width, height);
        if (target == size && left == 0 && top == 0) return;
        steps.Add(new ResolvedWindow(size, target, left, top, fill));
        size = target;
    }

    private void Check(long width, long height)
    {
        if (width < 1 || height < 1 || width > plan.MaxPixels / height) throw ImageErrors.PlanSize(size.ToString(), width, height, plan.MaxPixels);
    }

    private static int Offset(int difference, CropRounding rounding)
    {
        if (rounding == CropRounding.Down) return (int)Math.Floor(difference / 2.0);
        return difference >= 0 ? (int)Math.Round(difference / 2.0, MidpointRounding.ToEven) : -(-difference / 2);
    }
}
