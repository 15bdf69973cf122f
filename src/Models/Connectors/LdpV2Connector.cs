using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>MobileVLM v2's projector: Linear, GELU, Linear on every patch, means over a grid of 12 × 12, plus a depthwise convolution of them.</summary>
/// <remarks>source: Chu et al. 2024, arXiv:2402.03766; Meituan-AutoML/MobileVLM, mobilevlm/model/vision_projector.py (<c>ldpnetv2</c>).</remarks>
/// <param name="Tap">The hidden state it reads, 0 to layers.</param>
public sealed record LdpV2Connector(int Tap) : Connector
{
    private const int Grid = 12;

    public override int[] Taps(VisionSpec vision) => [Tap];

    public override int Tokens(int rows, int columns) => Grid * Grid;

    public override ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm) => new Module(this, w, vision.Hidden, llm.Hidden);

    private sealed class Module(LdpV2Connector spec, Scope w, int inputs, int hidden) : ConnectorModule
    {
        private readonly Linear first = Linear.Load(w["mlp.mlp.0"], inputs, hidden, bias: true), second = Linear.Load(w["mlp.mlp.2"], hidden, hidden, bias: true);
        private readonly Tensor weight = w["peg.peg.0"].Weight("weight", hidden, 1, 3, 3), bias = w["peg.peg.0"].Weight("bias", hidden);

        public override Visual Encode(Graph g, VisionFeatures features)
        {
            Tensor x = g.Name(features.Patches(g, spec.Tap), "vision.features");                                             // [images·patches, vision hidden]
            x = g.Name(second.Apply(g, g.Activate(first.Apply(g, x), Activation.Gelu)), "connector.mlp");                   // [images·patches, LLM hidden]
            x = g.Name(g.AdaptiveMeanPool(x.Reshape(features.Images, features.Rows, features.Columns, hidden), Grid, Grid), "connector.pool");
            Tensor y = g.Add(x, g.Name(g.DepthwiseConv(x, weight, bias), "connector.peg_conv"));                            // [images, 12, 12, LLM hidden]
            return new Visual(g.Name(y.Reshape(features.Images * Grid * Grid, hidden), "connector.out"), Grid * Grid);
        }
    }
}
