using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Looks whether accesses go to memory that the kernel may touch; called from code that is compiled with checks. Each access of the text has a
/// site that remembers the range found last, so that most accesses cost a subtraction and a comparison.
/// </summary>
internal static unsafe class MemoryChecks
{
    /// <summary>Bytes of a site: the start of a range, and how far behind it an access may begin.</summary>
    public const int SiteBytes = 16;

    public static MethodInfo Method(string name) => typeof(MemoryChecks).GetMethod(name)!;

    /// <summary>Lanes that lie at one distance from each other; 0, with the fault noted, where an active one goes elsewhere.</summary>
    public static int Range(LaunchContext* context, long address, long stride, int bytes, int lanes, uint active, int site, int space, int line)
    {
        long reach = stride * (lanes - 1), least = address + Math.Min(0, reach), span = Math.Abs(reach) + bytes;
        if (Find(context, (ulong)least, (PtxSpace)space, out ulong start, out ulong end) && (ulong)span <= end - (ulong)least)
        {
            long* known = (long*)(context->Sites + site * SiteBytes);
            known[0] = (long)start;
            known[1] = (long)(end - start) - span + 1;
            return 1;
        }
        for (uint m = active; m != 0; m &= m - 1)
            if (!Allowed(context, (ulong)(address + stride * BitOperations.TrailingZeroCount(m)), bytes, (PtxSpace)space)) return Fault(context, (ulong)(address + stride * BitOperations.TrailingZeroCount(m)), bytes, space, line);
        return 1;
    }

    /// <summary>One address per lane.</summary>
    public static int Lanes(LaunchContext* context, long* addresses, int bytes, uint active, int space, int line)
    {
        ulong start = 0, end = 0;
        for (uint m = active; m != 0; m &= m - 1)
        {
            ulong address = (ulong)addresses[BitOperations.TrailingZeroCount(m)];
            if (address >= start && address < end && (ulong)bytes <= end - address) continue;
            if (!Find(context, address, (PtxSpace)space, out start, out end) || (ulong)bytes > end - address) return Fault(context, address, bytes, space, line);
        }
        return 1;
    }

    /// <summary>The sources of cp.async: as many bytes per lane as are read.</summary>
    public static int Sources(LaunchContext* context, long* addresses, int* bytes, uint active, int line)
    {
        for (uint m = active; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            if (bytes[lane] > 0 && !Allowed(context, (ulong)addresses[lane], bytes[lane], PtxSpace.Global)) return Fault(context, (ulong)addresses[lane], bytes[lane], (int)PtxSpace.Global, line);
        }
        return 1;
    }

    private static bool Allowed(LaunchContext* context, ulong address, int bytes, PtxSpace space)
        => Find(context, address, space, out _, out ulong end) && (ulong)bytes <= end - address;

    /// <summary>The range that holds an address: the block's shared memory, its threads' local memory, the parameters, or what the device has.</summary>
    private static bool Find(LaunchContext* context, ulong address, PtxSpace space, out ulong start, out ulong end)
    {
        (start, end) = ((ulong)context->Shared, (ulong)context->Shared + (ulong)context->SharedBytes);
        if (space is PtxSpace.Shared or PtxSpace.Generic && address >= start && address < end) return true;
        (start, end) = ((ulong)context->Local, (ulong)context->LocalEnd);
        if (space is PtxSpace.Local or PtxSpace.Generic && address >= start && address < end) return true;
        var runner = (BlockRunner)GCHandle.FromIntPtr(context->Runner).Target!;
        (start, end) = ((ulong)context->Parameters, (ulong)context->Parameters + (ulong)runner.ParameterBytes);
        if (space is PtxSpace.Param or PtxSpace.Generic && address >= start && address < end) return true;
        return space is not (PtxSpace.Shared or PtxSpace.Local or PtxSpace.Param) && runner.Map!.TryFind(address, out start, out end);
    }

    private static int Fault(LaunchContext* context, ulong address, int bytes, int space, int line)
    {
        (context->Fault, context->FaultLine) = ((int)KernelFault.OutOfBounds, line);
        context->FaultBytes = bytes;
        context->FaultSpace = space;
        context->FaultAddress = space switch
        {
            (int)PtxSpace.Shared => address - (ulong)context->Shared,
            (int)PtxSpace.Local => address - (ulong)context->Local,
            _ => address,
        };
        return 0;
    }
}
