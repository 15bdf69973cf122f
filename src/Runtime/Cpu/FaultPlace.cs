using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu;

/// <summary>Why and where a kernel stopped.</summary>
/// <param name="Kind">None where it ran to its end.</param>
/// <param name="Line">PTX line.</param>
/// <param name="Address">For an access out of bounds: its address, in shared and local memory its offset.</param>
/// <param name="Bytes">For an access out of bounds: its size.</param>
/// <param name="Space">For an access out of bounds: its space.</param>
internal readonly record struct FaultPlace(KernelFault Kind, int Line, ulong Address, int Bytes, PtxSpace Space);
