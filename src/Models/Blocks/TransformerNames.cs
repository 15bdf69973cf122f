namespace MmKernels.Models;

/// <summary>Under which names checkpoints keep a <see cref="TransformerBlock"/>'s weights; CLIP's on the hub where nothing else is said.</summary>
public sealed record TransformerNames
{
    public string Norm1 { get; init; } = "layer_norm1";

    public string Norm2 { get; init; } = "layer_norm2";

    public string Query { get; init; } = "self_attn.q_proj";

    public string Key { get; init; } = "self_attn.k_proj";

    public string Value { get; init; } = "self_attn.v_proj";

    public string Output { get; init; } = "self_attn.out_proj";

    /// <summary>The place that the MLP's names count from, empty for the block.</summary>
    public string Mlp { get; init; } = "mlp";
}
