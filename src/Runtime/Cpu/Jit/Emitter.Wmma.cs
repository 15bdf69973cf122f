using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>wmma of 16-bit floats and tf32, with the interpreter's distribution of elements: fragments pass through the working memory of matrix instructions.</summary>
internal sealed unsafe partial class Emitter
{
    private void EmitLoadFragment(Instr i)
    {
        WmmaFragment fragment = FragmentOf(i);
        if (i.Targets.Length * RegisterHome.Bytes > BytesOfFragment) throw new NotCompilableException(i.Line, $"`{i.Operation.Text}`");
        SpillFragmentAddresses(i, fragment, i.Values.Length > 0 ? i.Values[0] : null);
        il.Load(scratch);
        LoadFragment(OffsetOfWmma);
        LoadForm(fragment);
        il.Int(i.Targets.Length);
        il.Call(WmmaMemory.Method(nameof(WmmaMemory.Load)));
        ReadRegisters(i.Targets, OffsetOfWmma);
    }

    private void EmitStoreFragment(Instr i)
    {
        WmmaFragment fragment = FragmentOf(i);
        bool hasStride = i.Source.Operands.Length > 2;
        Arg[] registers = hasStride ? i.Values[..^1] : i.Values;
        if (registers.Length * RegisterHome.Bytes > BytesOfFragment) throw new NotCompilableException(i.Line, $"`{i.Operation.Text}`");
        SpillFragmentAddresses(i, fragment, hasStride ? i.Values[^1] : null);
        SpillFragment(registers, OffsetOfWmma);
        il.Load(scratch);
        LoadFragment(OffsetOfWmma);
        LoadForm(fragment);
        il.Call(WmmaMemory.Method(nameof(WmmaMemory.Store)));
    }

    /// <summary>D, A, B and C follow each other in the working memory.</summary>
    private void EmitFragmentProduct(Instr i, WmmaFragment[] fragments)
    {
        int at = 0;
        for (int f = 1; f < 4; f++)
        {
            int count = ((VectorOperand)i.Source.Operands[f]).Elements.Length;
            if (count * RegisterHome.Bytes > BytesOfFragment) throw new NotCompilableException(i.Line, $"`{i.Operation.Text}`");
            SpillFragment(i.Values.AsSpan(at, count), OffsetOfWmma + f * BytesOfFragment);
            at += count;
        }
        LoadFragment(OffsetOfWmma);
        il.Int(BytesOfFragment);
        PtxShape shape = i.Operation.Shape;
        foreach (int size in new[] { shape.M, shape.N, shape.K }) il.Int(size);
        foreach (int fragment in new[] { 0, 1, 3 }) il.Int((int)fragments[fragment].Type);
        il.Call(WmmaMemory.Method(nameof(WmmaMemory.Multiply)));
        ReadRegisters(i.Targets, OffsetOfWmma);
    }

    private static WmmaFragment FragmentOf(Instr i)
    {
        var fragment = WmmaFragment.Of(i.Operation, i.Operation.Modifiers[0]);
        return fragment.Bits <= 32 ? fragment : throw new NotCompilableException(i.Line, $"`{i.Operation.Text}`");
    }

    /// <summary>The lanes' addresses go to slot 0 of the scratch memory, the distances between rows to slot 1.</summary>
    private void SpillFragmentAddresses(Instr i, WmmaFragment fragment, Arg? stride)
    {
        PtxSpace space = i.Operation.Space is PtxSpace.Shared or PtxSpace.Global ? i.Operation.Space : PtxSpace.Generic;
        for (int slice = 0; slice < slices; slice++)
        {
            SpillAddresses(i.Addresses[0], space, slice, slice * lanes * 8);
            SpillVector(stride ?? new Arg { Bits = (ulong)(fragment.RowMajor ? fragment.Columns : fragment.Rows) }, ValueKind.I32, slice, 1, slice * kit.Bytes);
        }
        // The first row tells whether the fragment lies in memory at all.
        CheckLanes(i.Addresses[0], space, 0, 4, () => il.Int(-1));
    }

    private void LoadForm(WmmaFragment fragment)
    {
        il.Int(fragment.Rows);
        il.Int(fragment.Columns);
        il.Int(fragment.Bits);
        il.Int(fragment.RowMajor ? 1 : 0);
    }

    private void SpillFragment(ReadOnlySpan<Arg> registers, int offset)
    {
        for (int r = 0; r < registers.Length; r++)
            for (int slice = 0; slice < slices; slice++)
            {
                LoadFragment(offset + r * RegisterHome.Bytes + slice * kit.Bytes);
                LoadVector(registers[r], ValueKind.I32, slice);
                il.StoreObject(kit.Vector(ValueKind.I32));
            }
    }

    private void ReadRegisters(Reg?[] targets, int offset)
    {
        for (int r = 0; r < targets.Length; r++)
            for (int slice = 0; slice < slices; slice++)
            {
                if (targets[r] is not { } target) continue;
                LoadFragment(offset + r * RegisterHome.Bytes + slice * kit.Bytes);
                il.LoadObject(kit.Vector(ValueKind.I32));
                Reinterpret(ValueKind.I32, target.Kind);
                StoreVector(target, slice);
            }
    }
}
