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
        return spec with { Attention = spec.Attention with { QkvBias = bias, OutputBias = bias } };
    }
}
