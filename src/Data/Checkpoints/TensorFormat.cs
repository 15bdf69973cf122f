namespace MmKernels.Data;

/// <summary>
/// How a tensor's elements are stored in a checkpoint file. The formats of safetensors come first, then the blocks of GGUF under ggml's names;
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
    Q4_0, Q4_1, Q5_0, Q5_1, Q8_0,
    Q2_K, Q3_K, Q4_K, Q5_K, Q6_K,
    IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ4_NL, IQ4_XS,
    TQ1_0, TQ2_0,
    MXFP4, NVFP4,
}
