using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Qwen 3: LLaMA's block with norms of each head's queries and keys.</summary>
/// <remarks>source: Yang et al. 2025, arXiv:2505.09388; transformers, Qwen3ForCausalLM.</remarks>
internal sealed class Qwen3Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["qwen3"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        return spec with { Attention = spec.Attention with { HeadNorm = new SharedHeadNormSpec(spec.Norm), Window = Qwen2Family.Window(config, spec.Layers) } };
    }
}
