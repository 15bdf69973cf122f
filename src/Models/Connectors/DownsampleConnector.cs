using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>VILA: the patches of every square of Side × Side side by side as one token (zeros beyond the grid), LayerNorm, Linear, exact GELU, Linear.</summary>
/// <remarks>
/// The repository's code writes tokens row by row since December 2024; the code with which VILA-1.5 was trained wrote them column by column.
/// source: Lin et al. 2023, arXiv:2312.07533; NVlabs/VILA, llava/model/multimodal_projector/base_projector.py (<c>mlp_downsample</c>).
/// </remarks>
/// <param name="Tap">The hidden state it reads, 0 to layers.</param>
/// <param name="Side">Patches along a square's side.</param>
/// <param name="ByColumns">Whether tokens stand column by column, not row by row.</param>
public sealed record DownsampleConnector(int Tap, int Side, bool ByColumns) : Connector
{
    private static readonly LayerNormSpec Norm = new(1e-5f);

    public override int[] Taps(VisionSpec vision) => [Tap];

    public override int Tokens(int rows, int columns) => Squares(rows) * Squares(columns);

    public override ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm)
    {
        int width = Side * Side * vision.Hidden;
        Scope layers = w["layers"];
        return new Module(this, Norm.Load(layers[1], width), Linear.Load(layers[2], width, llm.Hidden, bias: true), Linear.Load(layers[4], llm.Hidden, llm.Hidden, bias: true));
    }

    private int Squares(int patches) => (patches + Side - 1) / Side;

    /// <summary>Per token and place in its square the row of the patch, -1 beyond the grid.</summary>
    private int[] Places(int images, int rows, int columns)
    {
        var places = new List<int>();
        int down = Squares(rows), across = Squares(columns);
        for (int image = 0; image < images; image++)
            for (int token = 0; token < down * across; token++)
                for (int place = 0; place < Side * Side; place++)
                {
                    int row = (ByColumns ? token % down : token / across) * Side + place / Side, column = (ByColumns ? token / down : token % across) * Side + place % Side;
                    places.Add(row < rows && column < columns ? (image * rows + row) * columns + column : -1);
                }
        return [.. places];
    }

    private sealed class Module(DownsampleConnector spec, Norm norm, Linear first, Linear second) : ConnectorModule
    {
        public override Visual Encode(Graph g, VisionFeatures features)
        {
            Tensor x = g.Name(features.Patches(g, spec.Tap), "vision.features");                                                      // [images·patches, vision hidden]
            int[] places = spec.Places(features.Images, features.Rows, features.Columns);
            x = g.GatherRows(x, g.Constant<int>(DType.I32, new Shape(places.Length), places));                                        // [images·tokens·side², vision hidden]
            int square = spec.Side * spec.Side;
            x = g.Name(x.Reshape(places.Length / square, square * x.Shape[1]), "connector.space_to_depth");                           // [images·tokens, side²·vision hidden]
            Tensor h = g.Name(first.Apply(g, g.Name(norm.Apply(g, x), "connector.norm")), "connector.linear1");                      // [images·tokens, LLM hidden]
            Tensor y = g.Name(second.Apply(g, g.Activate(h, Activation.Gelu)), "connector.out");
            return new Visual(y, y.Shape[0] / features.Images);
        }
    }
}
