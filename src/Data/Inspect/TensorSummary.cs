namespace MmKernels.Data;

/// <summary>What a checkpoint says about one tensor.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="File">The name of the file that holds it.</param>
/// <param name="Format">The storage format's name, for example <c>BF16</c> or <c>Q4_K</c>; null where its shard is not there.</param>
/// <param name="Dims">Outermost first; null where its shard is not there.</param>
/// <param name="Elements">Number of elements.</param>
/// <param name="Bytes">Bytes in the file.</param>
/// <param name="Offset">Position of the first byte in the file.</param>
public sealed record TensorSummary(string Name, string File, string? Format, IReadOnlyList<ulong>? Dims, long Elements, long Bytes, long Offset);
