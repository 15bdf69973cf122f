using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Mistral: LLaMA's block; attention has a window in its first release.</summary>
/// <remarks>source: Jiang et al. 2023, arXiv:2310.06825; transformers, MistralForCausalLM.</remarks>
internal sealed class MistralFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["mistral"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        return spec with { Attention = spec.Attention with { Window = Windows.Read(config, spec.Layers) } };
    }
}
