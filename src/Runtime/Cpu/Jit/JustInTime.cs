using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Whether code can be made while the program runs. NativeAOT cannot, and leaves the emitter out of the program.</summary>
internal static class JustInTime
{
    public const string Reason = "writes IL against methods found by reflection; NativeAOT programs take their kernels' code from a pack";

    [FeatureGuard(typeof(RequiresDynamicCodeAttribute))]
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
#pragma warning disable IL4000 // where code was trimmed the guard is replaced by false; where it was not, this is what counts
    public static bool IsSupported => !AppContext.TryGetSwitch("MmKernels.Runtime.JustInTime", out bool wanted) ? RuntimeFeature.IsDynamicCodeSupported : wanted;
#pragma warning restore IL4000
}
