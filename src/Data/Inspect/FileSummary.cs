namespace MmKernels.Data;

/// <summary>One file of a checkpoint.</summary>
/// <param name="Name">Relative to the checkpoint.</param>
/// <param name="Present">False for a shard that the index names and the folder lacks.</param>
/// <param name="Bytes">Size of the file, header included.</param>
/// <param name="Tensors">Tensors taken from it.</param>
/// <param name="Metadata">What the file says about itself.</param>
public sealed record FileSummary(string Name, bool Present, long Bytes, int Tensors, IReadOnlyDictionary<string, string> Metadata);
