namespace MmKernels.Data;

/// <summary>
/// How a tensor's elements are stored in a checkpoint file. The names of safetensors come first;
/// <see cref="TensorFormats"/> knows their sizes and which of them are a <see cref="DType"/> that the graph can hold.
/// </summary>
public enum TensorFormat : byte
{
    F32, F16, BF16, F64,
    I8, I16, I32, I64,
    U8, U16, U32, U64,
    Bool,
    C64,
    F8E5M2, F8E4M3, F8E8M0, F8E4M3Fnuz, F8E5M2Fnuz,
    F4, F6E2M3, F6E3M2,
}
