using System.Reflection;
using System.Runtime.InteropServices;

namespace MmKernels.Runtime.Cpu;

/// <summary>What generated code is given: one per worker thread, reused from block to block.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaunchContext
{
    public byte* Parameters;

    /// <summary>Shared memory of the block.</summary>
    public byte* Shared;

    /// <summary>Registers that live across barriers, <see cref="SaveStride"/> bytes per slice.</summary>
    public byte* Save;

    /// <summary>Working memory of single instructions.</summary>
    public byte* Scratch;

    /// <summary>Working memory of matrix instructions, then registers that live in memory: those that warps share, then those of each warp.</summary>
    public byte* Homes;

    /// <summary>Local memory, one frame per thread of the block.</summary>
    public byte* Local, LocalEnd;

    /// <summary>Module variables.</summary>
    public byte* Globals;

    /// <summary>%tid of each thread of the block, in linear order.</summary>
    public int* TidX, TidY, TidZ;

    /// <summary>Per slice: the lanes that wait at the barrier in front of its next region.</summary>
    public uint* Masks;

    /// <summary>Per slice: the region that it runs in this phase, and in the next; -1 when all its lanes have left the kernel.</summary>
    public int* Next, NextOut;

    /// <summary>Rows and predicates of the worker's warp for the interpreter's handlers.</summary>
    public byte* Rows, Predicates;

    /// <summary>What the checked accesses of the kernel remember, <see cref="Jit.MemoryChecks.SiteBytes"/> each.</summary>
    public byte* Sites;

    /// <summary>The address of the access that stopped the kernel; in shared and local memory the offset.</summary>
    public ulong FaultAddress;

    /// <summary>GC handle of the <see cref="BlockRunner"/>.</summary>
    public nint Runner;

    public int CtaidX, CtaidY, CtaidZ, NctaidX, NctaidY, NctaidZ, NtidX, NtidY, NtidZ;
    public int DynamicSharedBytes, SharedBytes;

    /// <summary>Reduction barrier under way: threads that arrived with a true predicate, and with any.</summary>
    public int BarrierTrue, BarrierArrived;

    /// <summary>Result of the reduction barrier passed last: the count of true predicates and that of all threads.</summary>
    public int ReducedTrue, ReducedArrived;

    /// <summary>Set when the kernel must stop: the kind of fault, see <see cref="KernelFault"/>.</summary>
    public int Fault;

    /// <summary>PTX line of the fault.</summary>
    public int FaultLine;

    /// <summary>Bytes and space of the access that stopped the kernel.</summary>
    public int FaultBytes, FaultSpace;

    /// <summary>Not zero when loops must end: the launch has taken too long.</summary>
    public int Stop;
}

/// <summary>Reasons for which a kernel stops.</summary>
internal enum KernelFault { None, Trap, DivergentBarrier, IndexWrap, OutOfBounds, StillRunning }
