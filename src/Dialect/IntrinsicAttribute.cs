namespace MmKernels.Dialect;

/// <summary>The compiler knows what this member means on the GPU and never reads its body. A body that does not throw is its meaning on the host.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Constructor)]
public sealed class IntrinsicAttribute : Attribute;

/// <summary>What members that only exist inside kernels do when host code calls them.</summary>
internal static class KernelOnly
{
    public static T Value<T>() => throw Error();

    public static MmkException Error() => new(200, "a kernel intrinsic was called by host code", "Launch the kernel on a device instead of calling it");
}
