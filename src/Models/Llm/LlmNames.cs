namespace MmKernels.Models;

/// <summary>Under which names checkpoints of a family keep a decoder's weights; LLaMA's where nothing else is said.</summary>
public sealed record LlmNames
{
    /// <summary>Places of the decoder in a checkpoint of its own, the published one first.</summary>
    public IReadOnlyList<string> Roots { get; init; } = ["model", ""];

    /// <summary>Places of the head.</summary>
    public IReadOnlyList<string> Heads { get; init; } = ["lm_head"];

    /// <summary>Below the decoder: the table of tokens,</summary>
    public string Embeddings { get; init; } = "embed_tokens";

    /// <summary>the norm of its rows, where there is one,</summary>
    public string? EmbeddingNorm { get; init; }

    /// <summary>the numbered blocks,</summary>
    public string Layers { get; init; } = "layers";

    /// <summary>the norm after the last block, where there is one.</summary>
    public string? Norm { get; init; } = "norm";

    /// <summary>Below a block: the maps of attention,</summary>
    public LinearPlace Query { get; init; } = "self_attn.q_proj";

    public LinearPlace Key { get; init; } = "self_attn.k_proj";

    public LinearPlace Value { get; init; } = "self_attn.v_proj";

    public LinearPlace Output { get; init; } = "self_attn.o_proj";

    /// <summary>norms of queries and keys,</summary>
    public string QueryNorm { get; init; } = "self_attn.q_norm";

    public string KeyNorm { get; init; } = "self_attn.k_norm";

    /// <summary>and the place that the MLP's names count from, empty for the block.</summary>
    public string Mlp { get; init; } = "mlp";

    /// <summary>These names with queries, keys and values in one weight.</summary>
    public LlmNames With((LinearPlace Query, LinearPlace Key, LinearPlace Value) fused) => this with { Query = fused.Query, Key = fused.Key, Value = fused.Value };
}
