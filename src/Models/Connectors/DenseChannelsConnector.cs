using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Dense Connector SCI: the base's patches beside those of two earlier states, channel by channel.</summary>
public sealed record DenseChannelsConnector(int Base) : DenseConnector(Base)
{
    public override IEnumerable<int> Others => [7, 15];

    public override int Tokens(int rows, int columns) => rows * columns;

    protected override int Width(VisionSpec vision) => 3 * vision.Hidden;

    protected override Tensor Merge(Graph g, VisionFeatures features)
        => g.JoinColumns([features.Patches(g, Base), .. Others.Select(state => features.Patches(g, state))]);
}
