using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Gemma 2: norms before and after each branch, soft caps on scores and logits, a window in every other layer.</summary>
/// <remarks>source: Gemma team 2024, arXiv:2408.00118; transformers, Gemma2ForCausalLM.</remarks>
internal sealed class Gemma2Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["gemma2"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new GemmaFamily().Read(config);
        return spec with
        {
            Attention = spec.Attention with
            {
                Scale = 1f / MathF.Sqrt(Positive(config, "query_pre_attn_scalar")),
                Scores = config.Has("attn_logit_softcapping") ? new SoftCapSpec(Positive(config, "attn_logit_softcapping")) : null,
                Window = Windows.Read(config, spec.Layers, layer => layer % 2 == 0),
            },
            LogitCap = config.Has("final_logit_softcapping") ? Positive(config, "final_logit_softcapping") : null,
            Residual = new SandwichResidual("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"),
        };
    }

    private static float Positive(ConfigObject config, string key)
    {
        float value = config.Float(key);
        return value > 0 && float.IsFinite(value) ? value : throw config.Invalid(key, "a positive number");
    }
}
