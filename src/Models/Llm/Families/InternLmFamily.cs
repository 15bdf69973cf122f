using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>InternLM: LLaMA's block with biases in attention.</summary>
/// <remarks>source: InternLM-7B, modeling_internlm.py.</remarks>
internal sealed class InternLmFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["internlm"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        bool bias = config.Bool("bias", true);
        RotarySpec rotary = config.FindObject("rotary") is { } own ? Read(own, spec.Attention.Rotary!, config.Count("max_position_embeddings")) : spec.Attention.Rotary!;
        return spec with { Context = Rotary.Context(rotary, spec.Context), Attention = spec.Attention with { QkvBias = bias, OutputBias = bias, Rotary = rotary } };
    }

    /// <summary>The rotary positions of the published code's own key: their base, and whether it grows with the length.</summary>
    private static RotarySpec Read(ConfigObject own, RotarySpec rotary, int trained)
    {
        bool grows = own.Choice("type", "origin", "dynamic") == "dynamic";
        return rotary with { Theta = own.Double("base", rotary.Theta), Scaling = grows ? new DynamicRotaryScaling(own.Double("scaling_factor", 1), trained) : null };
    }
}
