using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Whether code can be made while the program runs. NativeAOT cannot, and leaves the emitter out of the program.</summary>
internal static class JustInTime
{
    public const string Reason = "writes IL against methods found by reflection; NativeAOT programs take their kernels' code from a pack";

    [FeatureSwitchDefinition("MmKernels.Runtime.JustInTime")]
    [FeatureGuard(typeof(RequiresDynamicCodeAttribute))]
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
    public static bool IsSupported => !AppContext.TryGetSwitch("MmKernels.Runtime.JustInTime", out bool wanted) ? RuntimeFeature.IsDynamicCodeSupported : wanted;
}
