using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MmKernels.Graphs;

/// <summary>Whether kernels can be compiled while the program runs. NativeAOT programs cannot read IL: they leave the compiler out and take kernels from packs.</summary>
internal static class KernelCompilation
{
    public const string Reason = "reads kernels' IL by reflection; NativeAOT programs take their kernels from a pack";

    [FeatureGuard(typeof(RequiresDynamicCodeAttribute))]
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
#pragma warning disable IL4000 // where code was trimmed the guard is replaced by false; where it was not, this is what counts
    public static bool IsSupported => !AppContext.TryGetSwitch("MmKernels.Graphs.KernelCompilation", out bool wanted) ? RuntimeFeature.IsDynamicCodeSupported : wanted;
#pragma warning restore IL4000
}
