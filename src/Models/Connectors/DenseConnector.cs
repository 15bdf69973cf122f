using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Dense Connector: patches of several hidden states put together, then Linear, exact GELU, Linear. A clip keeps the larger of every two tokens of a frame.</summary>
/// <remarks>source: Yao et al. 2024, arXiv:2405.13800; HJYao00/DenseConnector, dc/model/multimodal_projector/dense_connector.py.</remarks>
/// <param name="Base">The hidden state that LLaVA reads.</param>
public abstract record DenseConnector(int Base) : Connector
{
    public sealed override int[] Taps(VisionSpec vision) => [.. Others.Append(Base)];

    /// <summary>The hidden states that it reads besides <see cref="Base"/>.</summary>
    public abstract IEnumerable<int> Others { get; }

    /// <summary>Columns of what <see cref="Merge"/> makes.</summary>
    protected abstract int Width(VisionSpec vision);

    /// <summary>Puts the patches of the hidden states together: [images · tokens, width].</summary>
    protected abstract Tensor Merge(Graph g, VisionFeatures features);

    public sealed override ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm)
        => new Module(this, Linear.Load(w[0], Width(vision), llm.Hidden, bias: true), Linear.Load(w[2], llm.Hidden, llm.Hidden, bias: true));

    private sealed class Module(DenseConnector spec, Linear first, Linear second) : ConnectorModule
    {
        public override Visual Encode(Graph g, VisionFeatures features)
        {
            g.Name(features.Patches(g, spec.Base), "vision.base");
            Tensor x = g.Name(spec.Merge(g, features), "connector.dense");                         // [images·tokens, width]
            Tensor y = second.Apply(g, g.Activate(first.Apply(g, x), Activation.Gelu));            // [images·tokens, LLM hidden]
            return new Visual(g.Name(y, "connector.out"), y.Shape[0] / features.Images);
        }

        public override Visual JoinFrames(Graph g, Visual frames)
        {
            Tensor flat = g.Name(frames.Tokens!, "flat");                                          // [frames·tokens, LLM hidden]
            int tokens = frames.TokensPerImage, hidden = flat.Shape[1];
            Tensor y = g.MaxPoolRows(flat.Reshape(flat.Shape[0] / tokens, tokens, hidden), 2);     // [frames, tokens / 2, LLM hidden]
            int rows = y.Shape[0] * y.Shape[1];
            return new Visual(g.Name(y.Reshape(rows, hidden), "pooled"), rows);
        }
    }
}
