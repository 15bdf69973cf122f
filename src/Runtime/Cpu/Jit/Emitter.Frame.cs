using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>The method around the blocks: the loop over slices, masks at its start, registers kept across barriers.</summary>
internal sealed unsafe partial class Emitter
{
    private readonly Dictionary<Block, Label> labels = [];
    private readonly Dictionary<Block, LocalBuilder[]> masks = [];
    private LocalBuilder current = null!, firstThread = null!, save = null!, scratch = null!, next = null!, fragments = null!, warpHomes = null!;

    /// <summary>Lanes that entered the region, where not all do.</summary>
    private LocalBuilder? active;

    private LocalBuilder? firstLive;
    private Label finish, advance;

    /// <summary>Writes every region of a kernel, each into a method of its own.</summary>
    /// <param name="splitting">Learns where regions that are too large can be cut.</param>
    public static CodeFacts WriteAll(KernelPlan plan, MethodTarget target, out MethodInfo[] methods, RegionSplitting? splitting = null)
    {
        methods = new MethodInfo[plan.Regions.Count];
        int oversized = 0;
        foreach (Region region in plan.Regions)
        {
            methods[region.Index] = target.Define($"{plan.Code.Function.Name}.{region.Index}", RegionCodes.Parameters, out ILGenerator generator);
            var il = new IlWriter(generator);
            var emitter = new Emitter(plan, region, il, target);
            emitter.Write();
            if (il.Fill <= 1) continue;
            oversized++;
            splitting?.Cut(plan, emitter.written);
        }
        (int homes, int warpHomes) = plan.Homes.AreNeeded ? (HomesOffset + plan.Homes.SharedBytes, plan.Homes.WarpBytes) : (0, 0);
        return new CodeFacts(plan.Kit.Lanes, plan.SaveStride, plan.LocalBytes, homes, warpHomes, plan.FirstBehindCut, oversized, plan.Handlers.Program is not null) { Sites = plan.Sites };
    }

    /// <summary>Writes the method.</summary>
    private void Write()
    {
        (finish, advance) = (il.NewLabel(), il.NewLabel());
        Label top = il.NewLabel(), test = il.NewLabel();
        current = il.NewLocal(typeof(int));
        firstThread = il.NewLocal(typeof(int));
        save = il.NewLocal(typeof(byte*));
        scratch = il.NewLocal(typeof(byte*));
        next = il.NewLocal(typeof(int));
        il.Int(0);
        il.Store(current);
        il.Branch(OpCodes.Br, test);
        il.Mark(top);
        Enter();
        foreach (Block b in region.Blocks)
        {
            labels.Add(b, il.NewLabel());
            if (!b.Divergent) continue;
            masks.Add(b, NewMasks());
            ClearMasks(masks[b]);
        }
        if (masks.TryGetValue(region.Entry, out LocalBuilder[]? entry)) EnterMasks(entry);
        Reload();
        WriteReduction();
        if (region.Blocks[0] != region.Entry) il.Branch(OpCodes.Br, labels[region.Entry]);
        foreach (Block b in region.Blocks) WriteBlock(b);
        il.Mark(finish);
        Finish();
        il.Mark(advance);
        il.Load(current);
        il.Int(slices);
        il.Emit(OpCodes.Add);
        il.Store(current);
        il.Mark(test);
        il.Load(current);
        il.Argument(1);
        il.Branch(OpCodes.Blt, top);
        il.Emit(OpCodes.Ret);
        foreach (Action write in seldom) write();
    }

    /// <summary>Code that seldom runs, written behind the method's end so that the usual way does not jump over it.</summary>
    private readonly List<Action> seldom = [];

    /// <summary>Passes over slices that are elsewhere; finds the others' lanes and memory.</summary>
    private void Enter()
    {
        if (slices > 1 && region.Entry.Divergent)
        {
            il.Argument(0);
            il.Load(current);
            il.Int(region.Index);
            il.Int(lanes);
            il.Call(ScalarMath.Method(nameof(ScalarMath.ArrivedLanes)));
            il.Store(active = il.NewLocal(typeof(uint)));
            il.Load(active);
            il.Branch(OpCodes.Brfalse, advance);
        }
        else
        {
            LoadSlicePlace(nameof(LaunchContext.Next), 0);
            il.Emit(OpCodes.Ldind_I4);
            il.Int(region.Index);
            il.Branch(OpCodes.Bne_Un, advance);
            if (region.Entry.Divergent)
            {
                LoadSlicePlace(nameof(LaunchContext.Masks), 0);
                il.Emit(OpCodes.Ldind_U4);
                il.Store(active = il.NewLocal(typeof(uint)));
            }
        }
        il.Load(current);
        il.Int(lanes);
        il.Emit(OpCodes.Mul);
        il.Store(firstThread);
        Context(nameof(LaunchContext.Save));
        il.Load(current);
        il.Int(plan.SaveStride);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Store(save);
        Context(nameof(LaunchContext.Scratch));
        il.Store(scratch);
        for (int slice = 0; slice < slices && region.Index == 0; slice++)
            for (int flag = 0; flag < plan.Wraps.Count; flag++)
            {
                LoadWrapFlag(flag, slice);
                il.Int(0);
                il.Emit(OpCodes.Stind_I4);
            }
        if (plan.Homes.AreNeeded) EnterHomes();
        il.Int(-1);
        il.Store(next);
    }

    /// <summary>Finds the places of registers that live in memory: those of the warp, from the slice's first lane on, behind those that all warps share.</summary>
    private void EnterHomes()
    {
        Context(nameof(LaunchContext.Homes));
        il.Store(fragments = il.NewLocal(typeof(byte*)));
        il.Load(fragments);
        il.Displace(HomesOffset + plan.Homes.SharedBytes);
        il.Load(current);
        il.Int(32 / lanes);
        il.Emit(OpCodes.Div);
        il.Int(plan.Homes.WarpBytes);
        il.Emit(OpCodes.Mul);
        if (slices == 1)
        {
            il.Load(current);
            il.Int(32 / lanes - 1);
            il.Emit(OpCodes.And);
            il.Int(kit.Bytes);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Add);
        }
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Store(warpHomes = il.NewLocal(typeof(byte*)));
    }

    /// <summary>Pushes the address of a slice's word in one of the context's tables.</summary>
    private void LoadSlicePlace(string table, int slice)
    {
        Context(table);
        il.Load(current);
        if (slice > 0)
        {
            il.Int(slice);
            il.Emit(OpCodes.Add);
        }
        il.Int(4);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
    }

    /// <summary>Where lanes were apart: those that reached a barrier go on behind it, the others have left the kernel.</summary>
    private void Finish()
    {
        if (slices == 1)
        {
            LoadSlicePlace(nameof(LaunchContext.NextOut), 0);
            il.Load(next);
            il.Emit(OpCodes.Stind_I4);
            return;
        }
        il.Argument(0);
        il.Load(current);
        if (active is null) il.Int(-1);
        else il.Load(active);
        il.Load(next);
        il.Int(lanes);
        il.Call(ScalarMath.Method(nameof(ScalarMath.LeaveRegion)));
    }

    /// <summary>All lanes go on together.</summary>
    private void LeaveTogether(int target)
    {
        for (int slice = 0; slice < slices; slice++)
        {
            LoadSlicePlace(nameof(LaunchContext.NextOut), slice);
            il.Int(target);
            il.Emit(OpCodes.Stind_I4);
        }
        il.Branch(OpCodes.Br, advance);
    }

    private LocalBuilder[] NewMasks()
    {
        var made = new LocalBuilder[slices];
        for (int slice = 0; slice < slices; slice++) made[slice] = il.NewLocal(kit.Vector(ValueKind.I32));
        return made;
    }

    private void ClearMasks(LocalBuilder[] cleared)
    {
        foreach (LocalBuilder local in cleared)
        {
            il.Call(kit.Constant("Zero", ValueKind.I32));
            il.Store(local);
        }
    }

    private void EnterMasks(LocalBuilder[] entry)
    {
        for (int slice = 0; slice < slices; slice++)
        {
            il.Load(active!);
            if (slice > 0)
            {
                il.Int(slice * lanes);
                il.Emit(OpCodes.Shr_Un);
            }
            ExpandMaskBits();
            il.Store(entry[slice]);
        }
        if (slices == 1 || region.Index == 0) return;
        // Warp-wide scalars are read from a slice that has come here.
        firstLive = il.NewLocal(typeof(int));
        il.Load(active!);
        il.Call(ScalarMath.Method(nameof(ScalarMath.TrailingZeros)));
        il.Int(lanes);
        il.Emit(OpCodes.Div);
        il.Store(firstLive);
    }

    /// <summary>Registers that the region only reads, outside loops: each block that does reads them from the save area itself.</summary>
    private HashSet<Reg> late = [];

    /// <summary>Reads the registers that the region uses from the save area.</summary>
    private void Reload()
    {
        if (region.Index == 0) return;
        HashSet<Reg> repeated = region.UsedInLoops();
        var early = new List<Reg>();
        foreach (int index in region.Entry.LiveIn.Members())
        {
            Reg register = plan.Code.Registers[index];
            if (register.SaveOffset < 0 || !plan.Uses(region, register)) continue;
            if (region.Reduction is not null && Array.IndexOf(region.Reduction.Targets, register) >= 0) continue;
            if (plan.Defines(region, register) || repeated.Contains(register)) early.Add(register);
            else late.Add(register);
        }
        Reload(early);
    }

    /// <summary>Reads what the block uses of the registers that were not read at the region's start.</summary>
    private void ReloadLate(Block b)
    {
        if (late.Count == 0) return;
        IEnumerable<Reg> used = b.Body.SelectMany(i => i.Reads());
        if (b.Guard is not null) used = used.Append(b.Guard);
        if (b.Barrier is not null) used = used.Concat(b.Barrier.Reads());
        Reload(used.Where(late.Contains).Distinct().ToList());
    }

    private void Reload(List<Reg> registers)
    {
        foreach (Reg register in registers)
        {
            if (register.Shape.IsScalar) ReloadScalar(register);
            else
            {
                for (int slice = 0; slice < slices; slice++)
                    for (int part = 0; part < Parts(register.Kind); part++)
                    {
                        SavePlace(register, slice, part);
                        il.LoadObject(kit.Vector(register.Kind));
                        il.Store(Locals(register)[slice * Parts(register.Kind) + part]);
                    }
            }
        }
    }

    private void ReloadScalar(Reg register)
    {
        for (int slice = 0; slice < ScalarCount(register); slice++)
        {
            SavePlace(register, slice, 0);
            bool shared = register.Shape.Warp && firstLive is not null;
            if (shared)
            {
                il.Load(firstLive!);
                il.Int(plan.SaveStride);
                il.Emit(OpCodes.Mul);
                il.Emit(OpCodes.Conv_I);
                il.Emit(OpCodes.Add);
            }
            LoadIndirect(register.Kind);
            if (shared && register.Shape.Stride != 0)
            {
                il.Load(firstLive!);
                if (register.Kind == ValueKind.I64) il.Emit(OpCodes.Conv_I8);
                LoadInteger(register.Shape.Stride * lanes, register.Kind);
                il.Emit(OpCodes.Mul);
                il.Emit(OpCodes.Sub);
            }
            StoreScalar(register, slice);
        }
    }

    /// <summary>Pushes where a register of a slice is kept across barriers.</summary>
    private void SavePlace(Reg register, int slice, int part)
    {
        il.Load(save);
        il.Displace((long)slice * plan.SaveStride + register.SaveOffset + part * kit.Bytes);
    }

    /// <summary>Keeps what the region behind a barrier needs and this region has written.</summary>
    private void SaveLive(Block behind, Instr? barrier)
    {
        foreach (int index in behind.LiveIn.Members())
        {
            Reg register = plan.Code.Registers[index];
            if (register.Home is not null || !plan.Defines(region, register) || (barrier is not null && Array.IndexOf(barrier.Targets, register) >= 0)) continue;
            Arg value = new() { Register = register };
            for (int slice = 0; slice < slices; slice++)
                for (int part = 0; part < (register.Shape.IsScalar ? 1 : Parts(register.Kind)); part++)
                {
                    SavePlace(register, slice, part);
                    if (register.Shape.IsScalar)
                    {
                        LoadScalar(value, register.Kind, slice);
                        StoreIndirect(register.Kind);
                    }
                    else
                    {
                        LoadVector(value, register.Kind, slice, part);
                        il.StoreObject(kit.Vector(register.Kind));
                    }
                }
        }
    }

    private void WriteReduction()
    {
        if (region.Reduction is not { } barrier || barrier.Targets[0] is not { } target) return;
        PtxReduction reduction = barrier.Operation.Reduction;
        Context(nameof(LaunchContext.ReducedTrue));
        if (reduction == PtxReduction.Or)
        {
            il.Int(0);
            il.Emit(OpCodes.Cgt_Un);
        }
        else if (reduction == PtxReduction.And)
        {
            Context(nameof(LaunchContext.ReducedArrived));
            il.Emit(OpCodes.Ceq);
        }
        if (target.Shape.IsScalar)
        {
            for (int slice = 1; slice < ScalarCount(target); slice++) il.Emit(OpCodes.Dup);
            for (int slice = 0; slice < ScalarCount(target); slice++) StoreScalar(target, slice);
            return;
        }
        LocalBuilder held = il.NewLocal(typeof(int));
        il.Store(held);
        for (int slice = 0; slice < slices; slice++)
        {
            il.Load(held);
            SpreadScalar(target, slice);
        }
        il.Release(held);
    }
}
