using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Squares: where lanes lie apart in memory and write one word each, as many times as there are lanes and to neighbouring words, the values of
/// a slice are turned in registers and written as whole vectors. This is how kernels turn a tile on its way to shared memory.
/// </summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Writes the instructions from <paramref name="first"/> on as a square; false where they are none.</summary>
    private bool StoreSquare(Block b, int first)
    {
        if (mask is not null || !IsSquare(b.Body, first)) return false;
        Instr start = b.Body[first];
        line = start.Line;
        ValueKind kind = ValueKinds.Of(start.Type)!.Value;
        for (int slice = 0; slice < slices; slice++)
        {
            GuardWraps(start, start.Addresses[0], slice);
            CheckRange(start.Addresses[0], start.Operation.Space, slice, plan.Rules.Address(start.Addresses[0], start.Operation.Space).Stride, kit.Bytes, oneLane: false);
            for (int row = 0; row < lanes; row++)
            {
                il.Load(scratch);
                il.Displace(SlotBytes + row * kit.Bytes);
                LoadVector(b.Body[first + row].Values[0], kind, slice);
                il.StoreObject(kit.Vector(kind));
            }
            LoadStrided(start.Addresses[0], start.Operation.Space, slice, plan.Rules.Address(start.Addresses[0], start.Operation.Space).Stride, "Turn");
        }
        return true;
    }

    private bool IsSquare(List<Instr> body, int first)
    {
        if (first + lanes > body.Count || body[first] is not { Opcode: PtxOpcode.St, Guard: null, Operation.Vector: 1 } start || start.Type.Bytes() != 4) return false;
        Arg origin = start.Addresses[0];
        Shape shape = plan.Rules.Address(origin, start.Operation.Space);
        if (!shape.IsScalar || shape.Stride < kit.Bytes) return false;   // rows that overlap are written in order
        for (int row = 1; row < lanes; row++)
        {
            Instr next = body[first + row];
            if (next is not { Opcode: PtxOpcode.St, Guard: null } || next.Type != start.Type || next.Operation != start.Operation) return false;
            Arg address = next.Addresses[0];
            if (address.Register != origin.Register || address.Symbol != origin.Symbol || address.Offset != origin.Offset + 4 * row) return false;
        }
        return true;
    }
}
