namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Generated code of a region: runs the slice (or the warp that starts at it) up to its next barrier; returns the region behind it, or -1.</summary>
/// <param name="lanes">The active lanes, bit 0 the slice's first.</param>
internal unsafe delegate int RegionCode(LaunchContext* context, int slice, uint lanes);
