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
            LoadScalar(i.Values[0], target.Kind, 0);
            StoreScalar(target, 0);
            return;
        }
        bool whole = i.Values[2].IsConstant && (i.Values[2].Bits & 0x1F1F) == 0x1F;
        if (whole && i.Targets.Length == 1 && i.Operation.Mode == PtxMode.Bfly && i.Values[1].IsConstant) Butterfly(i, (int)(i.Values[1].Bits & 31));
        else ShuffleByTable(i);
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
                LoadScalar(i.Values[0], target.Kind, 0);
                StoreScalar(target, 0);
                continue;
            }
            for (int slice = 0; slice < slices; slice++)
            {
                FillRegister(target, slice, t == 0 ? 0 : 4, slice * kit.Bytes);
            }
        }
    }
}
