using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Gemma: LLaMA's block with norms stored as their distance from 1 and embeddings times sqrt(hidden).</summary>
/// <remarks>source: Gemma team 2024, arXiv:2403.08295; transformers, GemmaForCausalLM.</remarks>
internal sealed class GemmaFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["gemma"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        // hidden_act says gelu in the first release and does not act: it was always the tanh form.
        Activation activation = config.Has("hidden_activation") ? Activations.Named(config, "hidden_activation") : Activation.GeluTanh;
        return spec with
        {
            Norm = new RmsNormSpec(spec.Norm.Epsilon, Offset: 1f),
            Mlp = new GatedMlpSpec(spec.Mlp.Intermediate, activation),
            EmbeddingScale = MathF.Sqrt(spec.Hidden),
            TiedHead = config.Bool("tie_word_embeddings", true),
        };
    }
}
