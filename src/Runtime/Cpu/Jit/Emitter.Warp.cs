using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Instructions through which the lanes of a warp see each other.</summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Pushes the lanes of a mask over the whole warp.</summary>
    private void LoadWarpBits(LocalBuilder[]? source)
    {
        if (source is null)
        {
            il.Int(-1);
            return;
        }
        for (int slice = 0; slice < slices; slice++)
        {
            il.Load(source[slice]);
            MaskBits();
            if (slice == 0) continue;
            il.Int(slice * lanes);
            il.Emit(OpCodes.Shl);
            il.Emit(OpCodes.Or);
        }
    }

    /// <summary>Pushes the lanes where a predicate holds.</summary>
    private void LoadWarpBits(Arg value)
    {
        for (int slice = 0; slice < slices; slice++)
        {
            LoadVector(value, ValueKind.Pred, slice);
            MaskBits();
            if (slice == 0) continue;
            il.Int(slice * lanes);
            il.Emit(OpCodes.Shl);
            il.Emit(OpCodes.Or);
        }
    }

    /// <summary>Pops a value that is the same in all lanes.</summary>
    private void StoreWarpValue(Reg? target)
    {
        if (target is null)
        {
            il.Emit(OpCodes.Pop);
            return;
        }
        if (target.Shape is { IsScalar: true, Warp: true })
        {
            ConvertScalar(target.Kind == ValueKind.Pred ? ValueKind.Pred : ValueKind.I32, target.Kind);
            StoreScalar(target, 0);
            return;
        }
        LocalBuilder held = il.NewLocal(typeof(int));
        il.Store(held);
        for (int slice = 0; slice < slices; slice++)
        {
            il.Load(held);
            ConvertScalar(target.Kind == ValueKind.Pred ? ValueKind.Pred : ValueKind.I32, target.Kind);
            if (target.Shape.IsScalar) StoreScalar(target, slice);
            else SpreadScalar(target, slice);
        }
        il.Release(held);
    }

    private void EmitVote(Instr i)
    {
        LocalBuilder active = il.NewLocal(typeof(int)), holds = il.NewLocal(typeof(int));
        LoadWarpBits(predicate);
        il.Store(active);
        LoadWarpBits(i.Values[0]);
        il.Load(active);
        il.Emit(OpCodes.And);
        il.Store(holds);
        il.Load(holds);
        switch (i.Operation.Mode)
        {
            case PtxMode.Any:
                il.Int(0);
                il.Emit(OpCodes.Cgt_Un);
                break;
            case PtxMode.All:
                il.Load(active);
                il.Emit(OpCodes.Ceq);
                break;
            case PtxMode.Uni:
                il.Load(active);
                il.Emit(OpCodes.Ceq);
                il.Load(holds);
                il.Int(0);
                il.Emit(OpCodes.Ceq);
                il.Emit(OpCodes.Or);
                break;
        }
        StoreWarpValue(i.Targets[0]);
        il.Release(active);
        il.Release(holds);
    }

    private void EmitShuffle(Instr i)
    {
        Reg? target = i.Targets[0];
        if (target is { Shape.IsScalar: true } && i.Targets.Length == 1)
        {
            KeepScalar(i.Values[0], target);
            return;
        }
        bool whole = i.Values[2].IsConstant && (i.Values[2].Bits & 0x1F1F) == 0x1F;
        bool upward = i.Values[2].IsConstant && (i.Values[2].Bits & 0x1F1F) == 0;
        if (i.Targets.Length > 1) ShuffleByTable(i);
        else if (whole && i.Operation.Mode == PtxMode.Bfly && i.Values[1].IsConstant) Butterfly(i, (int)(i.Values[1].Bits & 31));
        else if (whole && i.Operation.Mode == PtxMode.Idx && ShapeOf(i.Values[1]).IsUniform) ShuffleOne(i);
        else if (whole && i.Operation.Mode == PtxMode.Down && i.Values[1].IsConstant) ShuffleDistance(i, (int)(i.Values[1].Bits & 31));
        else if (upward && i.Operation.Mode == PtxMode.Up && i.Values[1].IsConstant) ShuffleDistance(i, -(int)(i.Values[1].Bits & 31));
        else ShuffleByTable(i);
    }

    private void KeepScalar(Arg value, Reg target)
    {
        for (int slice = 0; slice < ScalarCount(target); slice++)
        {
            LoadScalar(value, target.Kind, slice);
            StoreScalar(target, slice);
        }
    }

    /// <summary>All lanes read the same lane.</summary>
    private void ShuffleOne(Instr i)
    {
        for (int slice = 0; slice < slices; slice++) SpillVector(i.Values[0], ValueKind.I32, slice, 0, slice * kit.Bytes);
        LocalBuilder held = il.NewLocal(typeof(float));
        il.Load(scratch);
        LoadScalar(i.Values[1], ValueKind.I32, 0);
        il.Int(31);
        il.Emit(OpCodes.And);
        il.Int(4);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldind_R4);
        il.Store(held);
        for (int slice = 0; slice < slices; slice++)
        {
            il.Load(held);
            Broadcast(ValueKind.F32);
            Reinterpret(ValueKind.F32, i.Targets[0]!.Kind);
            StoreVector(i.Targets[0]!, slice);
        }
        il.Release(held);
    }

    /// <summary>Lane + distance, where that is a lane: neighbours in memory.</summary>
    private void ShuffleDistance(Instr i, int distance)
    {
        for (int slice = 0; slice < slices; slice++) SpillVector(i.Values[0], ValueKind.I32, slice, 1, slice * kit.Bytes);
        for (int slice = 0; slice < slices; slice++)
        {
            for (int lane = 0; lane < lanes; lane++) il.Int(slice * lanes + lane + distance is >= 0 and < 32 ? -1 : 0);
            il.Call(kit.Sequence(ValueKind.I32));
            il.Load(scratch);
            il.Displace(SlotBytes + slice * kit.Bytes + 4 * distance);
            il.LoadObject(kit.Vector(ValueKind.I32));
            il.Load(scratch);
            il.Displace(SlotBytes + slice * kit.Bytes);
            il.LoadObject(kit.Vector(ValueKind.I32));
            il.Call(kit.Generic("ConditionalSelect", ValueKind.I32, 3));
            Reinterpret(ValueKind.I32, i.Targets[0]!.Kind);
            StoreVector(i.Targets[0]!, slice);
        }
    }

    /// <summary>Lane ^ distance: slices change places, then lanes within them.</summary>
    private void Butterfly(Instr i, int distance)
    {
        int across = distance / lanes, within = distance % lanes;
        var held = new LocalBuilder[slices];
        for (int slice = 0; slice < slices; slice++)
        {
            LoadVector(i.Values[0], ValueKind.I32, slice ^ across);
            if (within != 0)
            {
                for (int lane = 0; lane < lanes; lane++) il.Int(lane ^ within);
                il.Call(kit.Sequence(ValueKind.I32));
                il.Call(kit.Typed("Shuffle", ValueKind.I32, kit.Vector(ValueKind.I32)));
            }
            il.Store(held[slice] = NewVector(ValueKind.I32));
        }
        for (int slice = 0; slice < slices; slice++)
        {
            il.Load(held[slice]);
            Reinterpret(ValueKind.I32, i.Targets[0]!.Kind);
            StoreVector(i.Targets[0]!, slice);
            il.Release(held[slice]);
        }
    }

    /// <summary>Any shuffle: source, lane and bounds of all lanes go through the scratch memory.</summary>
    private void ShuffleByTable(Instr i)
    {
        for (int v = 0; v < 3; v++)
            for (int slice = 0; slice < slices; slice++) SpillVector(i.Values[v], ValueKind.I32, slice, 1 + v, slice * kit.Bytes);
        il.Load(scratch);
        il.Int((int)i.Operation.Mode);
        il.Call(WarpOps.Method(nameof(WarpOps.Shuffle)));
        for (int t = 0; t < i.Targets.Length; t++)
        {
            if (i.Targets[t] is not { } target) continue;
            if (target.Shape.IsScalar)
            {
                // All lanes hold the same value, whichever they read.
                KeepScalar(i.Values[0], target);
                continue;
            }
            for (int slice = 0; slice < slices; slice++)
            {
                FillRegister(target, slice, t == 0 ? 0 : 4, slice * kit.Bytes);
            }
        }
    }
}
