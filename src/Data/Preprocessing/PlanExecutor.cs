using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>Runs resolved plans on the host: the reference of the device kernels.</summary>
public static class PlanExecutor
{
    /// <summary>The float32 values [tiles, 3, height, width] of all views for a source picture of the plan's size.</summary>
    /// <exception cref="MmkException">MMK472: the views differ in size.</exception>
    public static float[] Run(ResolvedPlan plan, Image source, PassOrder order)
    {
        var values = new float[plan.OutputShape.Elements];
        Span<float> rest = values;
        foreach (ResolvedView view in plan.Views)
        {
            Span<float> part = rest[..(int)view.OutputShape.Elements];
            Fill(plan, view, source, order, part);
            rest = rest[part.Length..];
        }
        return values;
    }

    /// <summary>The float32 values [tiles, 3, height, width] of one view.</summary>
    public static float[] Run(ResolvedPlan plan, ResolvedView view, Image source, PassOrder order)
    {
        var values = new float[view.OutputShape.Elements];
        Fill(plan, view, source, order, values);
        return values;
    }

    private static void Fill(ResolvedPlan plan, ResolvedView view, Image source, PassOrder order, Span<float> values)
    {
        Image canvas = Canvas(view, source, order).ToRgb();
        int tileValues = 3 * view.Tile.Width * view.Tile.Height;
        for (int row = 0; row < view.Rows; row++)
            for (int column = 0; column < view.Columns; column++, values = values[tileValues..])
                ToFloats(canvas, column * view.Tile.Width, row * view.Tile.Height, view.Tile, plan.ByteValues, values[..tileValues]);
    }

    /// <summary>
    /// The bytes of a view before they become floats. A source that is not RGB is resized in its own mode (palettes by nearest neighbour,
    /// alpha premultiplied), as processors do that convert afterwards.
    /// </summary>
    public static Image Canvas(ResolvedView view, Image source, PassOrder order)
    {
        Image image = source;
        foreach (ResolvedStep step in view.Steps)
            image = step switch
            {
                ResolvedResize resize when image.Mode == PixelMode.Rgb => new Image(step.Out.Width, step.Out.Height, PixelMode.Rgb, resize.Passes.Run(image.PixelArray, 3)),
                ResolvedResize resize => Resampler.Resize(image, step.Out.Width, step.Out.Height, resize.Filter, null, order),
                ResolvedWindow window => Framing.Window(image, window.Left, window.Top, step.Out.Width, step.Out.Height, window.Fill),
                _ => throw new InvalidOperationException($"{step.GetType().Name} is not a step of a resolved plan"),
            };
        return image;
    }

    /// <summary>One tile from bytes [height, width, 3] to floats [3, height, width].</summary>
    private static void ToFloats(Image canvas, int left, int top, PixelSize tile, float[] byteValues, Span<float> values)
    {
        int plane = tile.Width * tile.Height;
        ReadOnlySpan<float> reds = byteValues.AsSpan(0, 256), greens = byteValues.AsSpan(256, 256), blues = byteValues.AsSpan(512, 256);
        Span<float> red = values[..plane], green = values.Slice(plane, plane), blue = values.Slice(2 * plane, plane);
        for (int y = 0, o = 0; y < tile.Height; y++)
        {
            ReadOnlySpan<byte> row = canvas.Pixels.Slice(((top + y) * canvas.Width + left) * 3, tile.Width * 3);
            for (int i = 0; i < row.Length; i += 3, o++)
                (red[o], green[o], blue[o]) = (reds[row[i]], greens[row[i + 1]], blues[row[i + 2]]);
        }
    }
}
