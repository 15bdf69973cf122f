namespace MmKernels.Data;

/// <summary>One tensor as a safetensors header declares it. <paramref name="Begin"/> and <paramref name="End"/> count bytes from the end of the header.</summary>
internal readonly record struct SafetensorsEntry(string Name, TensorFormat Format, ulong[] Dims, ulong Begin, ulong End);
