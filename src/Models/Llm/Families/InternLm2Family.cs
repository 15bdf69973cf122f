using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>InternLM2: LLaMA's block; one weight holds, head of keys by head of keys, its queries, itself and its values.</summary>
/// <remarks>source: Cai et al. 2024, arXiv:2403.17297; modeling_internlm2.py.</remarks>
internal sealed class InternLm2Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["internlm2"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        AttentionSpec attention = spec.Attention;
        bool bias = config.Bool("bias", true);
        return spec with
        {
            Attention = attention with { QkvBias = bias, OutputBias = bias },
            Mlp = new GatedMlpSpec(spec.Mlp.Intermediate, spec.Mlp.Activation) { Gate = "w1", Up = "w3", Down = "w2" },
            Residual = new SerialResidual("attention_norm", "ffn_norm"),
            Names = new LlmNames { Heads = ["output"], Embeddings = "tok_embeddings", Output = "attention.wo", Mlp = "feed_forward" }
                .With(LinearPlace.PerHead("attention.wqkv", attention.Heads, attention.KvHeads, attention.HeadDim)),
        };
    }
}
