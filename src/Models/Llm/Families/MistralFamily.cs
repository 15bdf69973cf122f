using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Mistral where attention has no window: LLaMA's block.</summary>
/// <remarks>source: Jiang et al. 2023, arXiv:2310.06825; transformers, MistralForCausalLM.</remarks>
internal sealed class MistralFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["mistral"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        if (config.FindInt("sliding_window") is { } window && window < spec.Context) throw Unsupported(config, $"a sliding window of {window} tokens (sliding_window)");
        return spec;
    }
}
