namespace MmKernels.Engine;

/// <summary>What a kernel takes on a device.</summary>
/// <param name="Name">The kernel and the shape.</param>
/// <param name="Milliseconds">Of a launch: the median.</param>
/// <param name="GigaFlops">10^9 floating-point operations per second; 0 for a kernel that moves data.</param>
/// <param name="GigaBytes">10^9 bytes per second, of those that must be moved at least.</param>
/// <param name="OfPeak">The part of the device's peak that this is, of operations or of bytes, whichever is more.</param>
public sealed record KernelTiming(string Name, double Milliseconds, double GigaFlops, double GigaBytes, double OfPeak);
