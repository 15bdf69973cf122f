using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>A preprocessing plan on the device: from the bytes of a decoded picture to the encoder's input, bit for bit what the plan means.</summary>
public static class ImagePath
{
    /// <summary>Records the plan for one picture.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="plan">The plan for the picture's size.</param>
    /// <param name="source">The picture's RGB bytes, as <see cref="PreprocessPlan.Source"/> gives them.</param>
    /// <returns>F32 [tiles, 3, height, width].</returns>
    /// <exception cref="MmkException">MMK472: its views differ in size; MMK611: a step that no kernel does.</exception>
    public static Tensor Preprocess(this Graph g, ResolvedPlan plan, Image source)
    {
        Tensor table = g.Constant<float>(DType.F32, new Shape(3, 256), plan.ByteValues);
        Tensor image = g.Constant(DType.U8, new Shape(source.Height, source.Width, 3), source.Pixels);
        Tensor values = g.New(DType.F32, plan.OutputShape.Dims);
        int tile = 0;
        foreach (ResolvedView view in plan.Views)
        {
            Normalize(g, view, image, table, values.Rows(tile, view.Rows * view.Columns));
            tile += view.Rows * view.Columns;
        }
        return values;
    }

    private static void Normalize(Graph g, ResolvedView view, Tensor image, Tensor table, Tensor tiles)
    {
        IReadOnlyList<ResolvedStep> steps = view.Steps;
        // A window at the end is read while normalising.
        var last = steps.Count > 0 ? steps[^1] as ResolvedWindow : null;
        for (int i = 0; i < steps.Count - (last is null ? 0 : 1); i++) image = Apply(g, image, steps[i]);
        if (last is null) g.NormalizeTiles(image, table, tiles, 0, 0, view.Columns);
        else g.NormalizeTiles(image, table, tiles, last.Top, last.Left, view.Columns, Colour(last.Fill));
    }

    private static Tensor Apply(Graph g, Tensor image, ResolvedStep step) => step switch
    {
        ResolvedResize resize => Resize(g, image, resize.Passes),
        ResolvedWindow window => g.Crop(image, window.Top, window.Left, window.Out.Height, window.Out.Width, Colour(window.Fill)),
        _ => throw ModelErrors.Unsupported("the preprocessing", $"the step {step.GetType().Name}"),
    };

    private static Tensor Resize(Graph g, Tensor image, ResamplePasses passes)
    {
        if (passes.VerticalFirst && passes.Vertical is not null) image = Pass(g, image, passes.Vertical, vertical: true);
        if (passes.Horizontal is not null) image = Pass(g, image, passes.Horizontal, vertical: false);
        if (!passes.VerticalFirst && passes.Vertical is not null) image = Pass(g, image, passes.Vertical, vertical: true);
        return image;
    }

    private static Tensor Pass(Graph g, Tensor image, ResampleAxis axis, bool vertical)
    {
        var size = new Shape(axis.OutLength);
        Tensor starts = g.Constant<int>(DType.I32, size, axis.Starts), counts = g.Constant<int>(DType.I32, size, axis.Counts);
        Tensor weights = g.Constant<int>(DType.I32, new Shape(axis.OutLength, axis.MaxCount), axis.Weights);
        return vertical ? g.ResizeVertical(image, starts, counts, weights) : g.ResizeHorizontal(image, starts, counts, weights);
    }

    private static uint Colour(byte[] fill) => (uint)(fill[0] << 16 | fill[1] << 8 | fill[2]);
}
