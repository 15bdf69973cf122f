using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>MobileVLM's lightweight downsample projector: Linear, GELU, Linear on every patch, then two depthwise blocks, the second of which halves the grid.</summary>
/// <remarks>source: Chu et al. 2023, arXiv:2312.16886; Meituan-AutoML/MobileVLM, mobilevlm/model/vision_projector.py (<c>ldpnet</c>).</remarks>
/// <param name="Tap">The hidden state it reads, 0 to layers.</param>
public sealed record LdpConnector(int Tap) : Connector
{
    public override int[] Taps(VisionSpec vision) => [Tap];

    public override int Tokens(int rows, int columns) => (rows + 1) / 2 * ((columns + 1) / 2);

    public override ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm) => new Module(this, w["model"], vision.Hidden, llm.Hidden);

    private sealed class Module(LdpConnector spec, Scope w, int inputs, int hidden) : ConnectorModule
    {
        private readonly Linear first = Linear.Load(w["mlp.1"], inputs, hidden, bias: true), second = Linear.Load(w["mlp.3"], hidden, hidden, bias: true);
        private readonly InvertedResidual same = new(w["mb_block.1.block"], hidden, 1, "connector.block1"), half = new(w["mb_block.2.block"], hidden, 2, "connector.block2");

        public override Visual Encode(Graph g, VisionFeatures features)
        {
            Tensor x = g.Name(features.Patches(g, spec.Tap), "vision.features");                                             // [images·patches, vision hidden]
            x = g.Name(second.Apply(g, g.Activate(first.Apply(g, x), Activation.Gelu)), "connector.mlp");                   // [images·patches, LLM hidden]
            x = x.Reshape(features.Images, features.Rows, features.Columns, hidden);
            x = half.Apply(g, g.Name(g.Add(x, same.Branch(g, x)), "connector.block1.out"));
            int tokens = x.Shape[1] * x.Shape[2];
            return new Visual(g.Name(x.Reshape(features.Images * tokens, hidden), "connector.out"), tokens);
        }
    }
}
