using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Checks in front of accesses, where the device asks for them: one comparison for lanes that lie in order, one per lane else.</summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Checks the lanes of a slice whose addresses are affine; a guarded access of one place is checked where its lanes are known to be there.</summary>
    private void CheckRange(Arg address, PtxSpace space, int slice, long stride, int bytes, bool oneLane)
    {
        if (!plan.Checked || IsParameter(address, space)) return;
        int site = plan.NewSite(), count = oneLane ? 1 : lanes;
        long least = Math.Min(0, stride * (count - 1));
        LocalBuilder place = il.NewLocal(typeof(long));
        Label elsewhere = il.NewLabel(), allowed = il.NewLabel();
        LoadAddress(address, space, slice);
        il.Emit(OpCodes.Conv_I8);
        il.Store(place);
        il.Load(place);
        il.Long(least);
        il.Emit(OpCodes.Add);
        LoadSite(site, 0);
        il.Emit(OpCodes.Sub);
        LoadSite(site, 8);
        il.Branch(OpCodes.Bge_Un, elsewhere);
        il.Mark(allowed);
        LocalBuilder[]? active = predicate;
        int at = line;
        seldom.Add(() =>
        {
            il.Mark(elsewhere);
            il.Argument(0);
            il.Load(place);
            il.Long(stride);
            il.Int(bytes);
            il.Int(count);
            if (oneLane) il.Int(1);
            else LoadMaskBits(active, slice);
            il.Int(site);
            il.Int((int)SpaceOf(address, space));
            il.Int(at);
            il.Call(MemoryChecks.Method(nameof(MemoryChecks.Range)));
            il.Branch(OpCodes.Brtrue, allowed);
            il.Emit(OpCodes.Ret);
        });
        // The place is needed behind the method's end: its variable must keep its value only until the jump.
        il.Release(place);
    }

    private void LoadSite(int site, int at)
    {
        Context(nameof(LaunchContext.Sites));
        il.Displace(site * MemoryChecks.SiteBytes + at);
        il.Emit(OpCodes.Ldind_I8);
    }

    /// <summary>Checks addresses that lie in the scratch memory.</summary>
    private void CheckLanes(Arg address, PtxSpace space, int at, int bytes, Action active)
    {
        if (!plan.Checked || IsParameter(address, space)) return;
        il.Argument(0);
        il.Load(scratch);
        il.Displace(at);
        il.Int(bytes);
        active();
        il.Int((int)SpaceOf(address, space));
        il.Int(line);
        il.Call(MemoryChecks.Method(nameof(MemoryChecks.Lanes)));
        LeaveUnless();
    }

    /// <summary>Checks the sources of cp.async: addresses in slot 1, bytes in slot 2.</summary>
    private void CheckSources(int slice)
    {
        if (!plan.Checked) return;
        il.Argument(0);
        il.Load(scratch);
        il.Displace(SlotBytes);
        il.Load(scratch);
        il.Displace(2 * SlotBytes);
        LoadMaskBits(predicate, slice);
        il.Int(line);
        il.Call(MemoryChecks.Method(nameof(MemoryChecks.Sources)));
        LeaveUnless();
    }

    /// <summary>Pops whether the check passed; ends the method where it did not.</summary>
    private void LeaveUnless()
    {
        Label failed = il.NewLabel();
        il.Branch(OpCodes.Brfalse, failed);
        seldom.Add(() =>
        {
            il.Mark(failed);
            il.Emit(OpCodes.Ret);
        });
    }

    private bool IsParameter(Arg address, PtxSpace space) => address.Register is null && SpaceOf(address, space) == PtxSpace.Param;

    private PtxSpace SpaceOf(Arg address, PtxSpace space)
    {
        if (address.Symbol is not { } symbol) return space == PtxSpace.Const ? PtxSpace.Global : space;
        PtxSpace window = plan.Layout.Window(symbol, line, out _);
        return space is PtxSpace.Generic or PtxSpace.Const || window == PtxSpace.Param ? window : space;
    }
}
