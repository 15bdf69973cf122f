using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Phi-3: LLaMA's block with queries, keys and values in one weight, gate and up in another.</summary>
/// <remarks>source: Abdin et al. 2024, arXiv:2404.14219; transformers, Phi3ForCausalLM.</remarks>
internal sealed class Phi3Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["phi3"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        AttentionSpec attention = spec.Attention;
        int wide = spec.Mlp.Intermediate;
        return spec with
        {
            Attention = attention with { Window = Windows.Read(config, spec.Layers) },
            Mlp = new GatedMlpSpec(wide, spec.Mlp.Activation)
            {
                Gate = new("gate_up_proj", new WeightRows(1, 2 * wide, 0, wide)),
                Up = new("gate_up_proj", new WeightRows(1, 2 * wide, wide, wide)),
            },
            Names = spec.Names.With(LinearPlace.Blocked("self_attn.qkv_proj", attention.Heads, attention.KvHeads, attention.HeadDim)),
        };
    }
}
