namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Instructions beyond what every processor's vectors offer that generated code uses, each set with those before it.</summary>
internal enum VectorInstructions : byte
{
    /// <summary>Only what the framework offers for every processor.</summary>
    Common,

    /// <summary>AVX2 and FMA, for vectors of 4 and 8 lanes.</summary>
    Avx2,

    /// <summary>AVX-512 F, BW and VL, for vectors of 16 lanes.</summary>
    Avx512,
}
