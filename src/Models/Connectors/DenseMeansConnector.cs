using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Dense Connector DCI: the base's patches beside the means of two groups of neighbouring states, channel by channel.</summary>
/// <param name="Base">The hidden state that LLaVA reads.</param>
/// <param name="Group">States of a group: the first group begins with state 0, the second follows it.</param>
public sealed record DenseMeansConnector(int Base, int Group) : DenseConnector(Base)
{
    public override IEnumerable<int> Others => Enumerable.Range(0, 2 * Group);

    public override int Tokens(int rows, int columns) => rows * columns;

    protected override int Width(VisionSpec vision) => 3 * vision.Hidden;

    protected override Tensor Merge(Graph g, VisionFeatures features)
    {
        return g.JoinColumns(features.Patches(g, Base), Mean(0), Mean(Group));

        Tensor Mean(int start)
        {
            Tensor sum = features.Patches(g, start);
            for (int state = start + 1; state < start + Group; state++) sum = g.Add(sum, features.Patches(g, state));
            var factors = new float[sum.Shape[1]];
            Array.Fill(factors, 1f / Group);
            return g.Multiply(sum, g.Constant<float>(DType.F32, new Shape(factors.Length), factors));
        }
    }
}
