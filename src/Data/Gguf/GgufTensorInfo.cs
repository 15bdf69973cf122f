namespace MmKernels.Data;

/// <summary>One tensor as a GGUF file declares it: dimensions outermost first, offset from the start of the data.</summary>
internal readonly record struct GgufTensorInfo(string Name, TensorFormat Format, ulong[] Dims, ulong Offset, ulong Bytes);
