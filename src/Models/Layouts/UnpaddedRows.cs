using MmKernels.Data.Preprocessing;
using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// LLaVA-NeXT: the tokens of the whole picture, then those of its tiles put together to one grid, without the rows or columns that show padding, a learned
/// newline after every row.
/// </summary>
/// <remarks>
/// source: haotian-liu/LLaVA, llava/model/llava_arch.py (spatial_unpad); transformers, LlavaNextModel.pack_image_features. They differ where a scaled side
/// lies less than 5e-8 below an integer: the hub's rounds to seven digits before it truncates.
/// </remarks>
/// <param name="RoundsFirst">Whether sides are rounded to seven digits before they are truncated.</param>
/// <param name="Newline">The published names of the newline.</param>
public sealed record UnpaddedRows(bool RoundsFirst, params IReadOnlyList<string> Newline) : TokenLayout
{
    public override int Tokens(ResolvedPlan plan, int rows, int columns) => Places(plan, rows, columns).Length;

    public override TokenLayoutModule Load(Scope root, LlmSpec llm) => new Module(this, root.Weight(Newline.FirstOrDefault(root.Has) ?? Newline[0], llm.Hidden));

    /// <summary>Per row of the prompt: the connector's row that stands there, -1 for a newline.</summary>
    private int[] Places(ResolvedPlan plan, int rows, int columns)
    {
        List<int> places = [.. Enumerable.Range(0, rows * columns)];
        if (plan.Views.Count == 1 && plan.Tiles == 1) return [.. places, -1];
        if (plan.Views.Count != 2 || plan.Views[0].Rows * plan.Views[0].Columns != 1) throw ModelErrors.Unsupported("the preprocessing", $"{plan.Views.Count} views of one picture");
        ResolvedView tiles = plan.Views[1];
        (int top, int left) = Padding(plan.Source, tiles.Rows * rows, tiles.Columns * columns);
        for (int y = top; y < tiles.Rows * rows - top; y++)
        {
            for (int x = left; x < tiles.Columns * columns - left; x++)
            {
                int tile = 1 + y / rows * tiles.Columns + x / columns;
                places.Add((tile * rows + y % rows) * columns + x % columns);
            }
            places.Add(-1);
        }
        return [.. places];
    }

    /// <summary>Rows above (and below) and columns left (and right) of the picture in the grid; an odd difference keeps one of them.</summary>
    private (int Top, int Left) Padding(PixelSize picture, int height, int width)
        => (double)picture.Width / picture.Height > (double)width / height
            ? ((height - Whole(picture.Height * ((double)width / picture.Width))) / 2, 0)
            : (0, (width - Whole(picture.Width * ((double)height / picture.Height))) / 2);

    private int Whole(double side)
    {
        double above = Math.Ceiling(side);
        return RoundsFirst && above - side < 5e-8 ? (int)above : (int)side;
    }

    private sealed class Module(UnpaddedRows spec, Tensor newline) : TokenLayoutModule
    {
        public override Tensor Arrange(Graph g, Tensor tokens, ResolvedPlan plan, int rows, int columns)
        {
            g.Require(tokens.Shape.Rank == 2 && tokens.Shape[0] == plan.Tiles * rows * columns, tokens);
            int[] places = spec.Places(plan, rows, columns);
            var shape = new Shape(places.Length);
            Tensor newlines = g.Constant<int>(DType.I32, shape, new int[places.Length]), visual = g.Constant<int>(DType.I32, shape, places);
            return g.Name(g.MergeTokens(newlines, visual, newline.Reshape(1, newline.Shape[0]), tokens), "packed");   // [rows of the prompt, hidden]
        }
    }
}
