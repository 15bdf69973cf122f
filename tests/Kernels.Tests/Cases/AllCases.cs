namespace MmKernels.Tests.Kernels;

/// <summary>Every row of the kernel tests.</summary>
public static class AllCases
{
    public static IReadOnlyDictionary<string, KernelCase> ByName { get; } = new[]
    {
        ElementwiseCases.All(), NormCases.All(), GemmCases.All(), RotaryCases.All(), AttentionCases.All(), TokenCases.All(), SamplingCases.All(), VisionCases.All(), ImageCases.All(), PeakCases.All(),
    }.SelectMany(cases => cases).ToDictionary(test => test.Name);

    /// <summary>Activations with the weights' storage types that checkpoints come in.</summary>
    public static IEnumerable<(DType Activations, DType Weights)> StorageTypes =>
        [(DType.F32, DType.F32), (DType.F32, DType.F16), (DType.F32, DType.BF16), (DType.F16, DType.F16), (DType.BF16, DType.BF16)];
}
