namespace MmKernels.Models;

/// <summary>Where a decoder block keeps the maps of its attention to an encoder's states; its heads and their scale are those of its self-attention.</summary>
public sealed record CrossAttentionSpec(LinearPlace Query, LinearPlace Key, LinearPlace Value, LinearPlace Output);
