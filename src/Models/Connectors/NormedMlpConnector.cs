using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Yi-VL: Linear, LayerNorm, exact GELU, Linear, LayerNorm on every patch.</summary>
/// <remarks>source: 01-ai/Yi, VL/llava/model/multimodal_projector/builder.py (<c>mlp2x_gelu_Norm</c>).</remarks>
/// <param name="Tap">The hidden state it reads, 0 to layers.</param>
/// <param name="KeepClassToken">Whether the class token becomes a token of the prompt too.</param>
public sealed record NormedMlpConnector(int Tap, bool KeepClassToken) : PatchConnector(Tap, KeepClassToken)
{
    private static readonly LayerNormSpec Norm = new(1e-5f);

    public override ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm) => new Module(this,
        Linear.Load(w[0], vision.Hidden, llm.Hidden, bias: true), Norm.Load(w[1], llm.Hidden), Linear.Load(w[3], llm.Hidden, llm.Hidden, bias: true), Norm.Load(w[4], llm.Hidden));

    private sealed class Module(NormedMlpConnector spec, Linear first, Norm firstNorm, Linear second, Norm secondNorm) : ConnectorModule
    {
        public override Visual Encode(Graph g, VisionFeatures features)
        {
            Tensor x = g.Name(features.Read(g, spec.Tap, spec.KeepClassToken), "connector.in");   // [images·tokens, vision hidden]
            Tensor h = g.Name(first.Apply(g, x), "connector.0");                                    // [images·tokens, LLM hidden]
            h = g.Name(firstNorm.Apply(g, h), "connector.1");
            h = g.Name(g.Activate(h, Activation.Gelu), "connector.2");
            h = g.Name(second.Apply(g, h), "connector.3");
            Tensor y = g.Name(g.Name(secondNorm.Apply(g, h), "connector.4"), "connector.out");
            return new Visual(y, y.Shape[0] / features.Images);
        }
    }
}
