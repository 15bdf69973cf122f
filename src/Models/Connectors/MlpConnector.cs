using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>LLaVA-1.5: Linear, exact GELU, Linear on every patch of hidden_states[-2]; one token per patch.</summary>
/// <remarks>
/// source: Liu et al. 2023, arXiv:2310.03744; <c>mlp2x_gelu</c> of the original repository.
/// </remarks>
/// <param name="States">The hidden states it reads, 0 to layers; several stand side by side, channel by channel.</param>
/// <param name="KeepClassToken">Whether the class token becomes a token of the prompt too.</param>
/// <param name="Activation">Between the two maps.</param>
/// <param name="Bias">Whether the maps have biases.</param>
/// <param name="First">The first map's name in the checkpoint.</param>
/// <param name="Second">The second map's name.</param>
public sealed record MlpConnector(IReadOnlyList<int> States, bool KeepClassToken, Activation Activation, bool Bias, string First, string Second) : PatchConnector(States[^1], KeepClassToken)
{
    public override int[] Taps(VisionSpec vision) => [.. States];

    public override ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm)
        => new Module(this, Linear.Load(w[First], States.Count * vision.Hidden, llm.Hidden, Bias), Linear.Load(w[Second], llm.Hidden, llm.Hidden, Bias));

    private sealed class Module(MlpConnector spec, Linear first, Linear second) : ConnectorModule
    {
        public override Visual Encode(Graph g, VisionFeatures features)
        {
            Tensor[] states = [.. spec.States.Select(state => features.Read(g, state, spec.KeepClassToken))];   // [images·tokens, vision hidden] each
            Tensor x = g.Name(states.Length == 1 ? states[0] : g.JoinColumns(states), "connector.in");
            Tensor h = g.Name(first.Apply(g, x), "connector.linear_1");                           // [images·tokens, LLM hidden]
            h = g.Name(g.Activate(h, spec.Activation), "connector.act");
            Tensor y = g.Name(second.Apply(g, h), "connector.out");
            return new Visual(y, y.Shape[0] / features.Images);
        }
    }
}
