using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Dense Connector STI: the base's patches, then the means of every eight patches of two earlier states, as further tokens.</summary>
public sealed record DenseTokensConnector(int Base) : DenseConnector(Base)
{
    private const int Window = 8;

    public override IEnumerable<int> Others => [7, 15];

    public override int Tokens(int rows, int columns) => rows * columns + 2 * (rows * columns / Window);

    protected override int Width(VisionSpec vision) => vision.Hidden;

    protected override Tensor Merge(Graph g, VisionFeatures features)
    {
        int hidden = features.All(Base).Shape[1], images = features.Images;
        Tensor all = g.JoinColumns([AsRow(features.Patches(g, Base)), .. Others.Select(state => AsRow(Pool(features.Patches(g, state))))]);   // [images, tokens·hidden]
        return all.Reshape(images * (all.Shape[1] / hidden), hidden);

        Tensor Pool(Tensor x) => g.MeanPoolRows(x.Reshape(images, x.Shape[0] / images, hidden), Window);
        Tensor AsRow(Tensor x) => x.Reshape(images, (int)(x.Shape.Elements / images));
    }
}
