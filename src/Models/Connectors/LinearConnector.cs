using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>LLaVA v0 and v1: one linear map of every patch.</summary>
/// <remarks>source: Liu et al. 2023, arXiv:2304.08485; <c>linear</c> of the original repository's projector builder.</remarks>
/// <param name="Tap">The hidden state it reads, 0 to layers.</param>
/// <param name="KeepClassToken">Whether the class token becomes a token of the prompt too.</param>
public sealed record LinearConnector(int Tap, bool KeepClassToken) : PatchConnector(Tap, KeepClassToken)
{
    public override ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm) => new Module(this, Linear.Load(w, vision.Hidden, llm.Hidden, bias: true));

    private sealed class Module(LinearConnector spec, Linear map) : ConnectorModule
    {
        public override Visual Encode(Graph g, VisionFeatures features)
        {
            Tensor x = g.Name(features.Read(g, spec.Tap, spec.KeepClassToken), "connector.in");   // [images·tokens, vision hidden]
            Tensor y = g.Name(map.Apply(g, x), "connector.out");                                    // [images·tokens, LLM hidden]
            return new Visual(y, y.Shape[0] / features.Images);
        }
    }
}
