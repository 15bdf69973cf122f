using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>mma, ldmatrix and stmatrix on memory, and the copies that feed them: fragments are converted to f32 once and multiplied by a <see cref="MatrixRoutine"/>.</summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Registers of a fragment of A or C, in f32.</summary>
    private const int FragmentSlotCount = 16, BytesOfA = 8 * RegisterHome.Bytes, BytesOfB = 4 * RegisterHome.Bytes, BytesOfC = 4 * RegisterHome.Bytes;

    /// <summary>Registers of a fragment of wmma.</summary>
    private const int BytesOfFragment = 8 * RegisterHome.Bytes;

    private const int OffsetOfB = FragmentSlotCount * BytesOfA, OffsetOfLanes = OffsetOfB + FragmentSlotCount * BytesOfB, OffsetOfC = OffsetOfLanes + BytesOfB, OffsetOfD = OffsetOfC + BytesOfC, OffsetOfWmma = OffsetOfD + BytesOfC;

    /// <summary>Where the registers follow the working memory.</summary>
    public const int HomesOffset = OffsetOfWmma + 4 * BytesOfFragment;

    private readonly FragmentSlots left = new(FragmentSlotCount), right = new(FragmentSlotCount);

    private void ClearFragments()
    {
        left.Clear();
        right.Clear();
    }

    private void ForgetFragments(Instr i)
    {
        foreach (Reg? target in i.Targets)
        {
            if (target is null) continue;
            left.Forget(target);
            right.Forget(target);
        }
    }

    private void EmitMultiply(Instr i, MatrixShape shape)
    {
        int a = PrepareA(i.Values.AsSpan(0, shape.RegistersOfA), shape), b = PrepareB(i.Values.AsSpan(shape.RegistersOfA, shape.Runs), shape);
        Arg[] c = i.Values[shape.FirstC..];
        bool inPlace = shape.TypeD == PtxType.F32 && FollowEachOther(i.Targets) && Array.TrueForAll(i.Targets, t => Blends(t!) is null);
        bool together = shape.TypeC == PtxType.F32 && FollowEachOther(Array.ConvertAll(c, v => v.Register));
        if (!together) Convert(c, shape.TypeC, OffsetOfC);
        if (inPlace) LoadHome(i.Targets[0]!.Home!.Value, 0);
        else LoadFragment(OffsetOfD);
        if (together) LoadHome(c[0].Register!.Home!.Value, 0);
        else LoadFragment(OffsetOfC);
        LoadFragment(a);
        LoadFragment(b);
        il.Call(MatrixRoutine.Of(target, kit, shape.Runs, shape.Elements));
        if (!inPlace) ReadSums(i.Targets, shape.TypeD);
    }

    /// <summary>Pushes a place in the working memory.</summary>
    private void LoadFragment(int offset)
    {
        il.Load(fragments);
        il.Displace(offset);
    }

    /// <summary>The registers lie one behind the other, in this order.</summary>
    private static bool FollowEachOther(Reg?[] registers)
    {
        if (registers[0]?.Home is not { } first) return false;
        for (int r = 1; r < registers.Length; r++)
            if (registers[r]?.Home != first with { Offset = first.Offset + r * RegisterHome.Bytes }) return false;
        return true;
    }

    /// <summary>Where A's elements lie in f32.</summary>
    private int PrepareA(ReadOnlySpan<Arg> values, MatrixShape shape)
    {
        bool known = left.Find(shape.Type, values, out int slot);
        int place = slot * BytesOfA;
        if (!known) Convert(values, shape.Type, place);
        return place;
    }

    /// <summary>Where B's elements lie in f32, by row.</summary>
    private int PrepareB(ReadOnlySpan<Arg> values, MatrixShape shape)
    {
        bool known = right.Find(shape.Type, values, out int slot);
        int place = OffsetOfB + slot * BytesOfB;
        if (known) return place;
        Convert(values, shape.Type, OffsetOfLanes);
        LoadFragment(OffsetOfLanes);
        LoadFragment(place);
        il.Int(values.Length * shape.Elements);
        il.Call(MatrixMemory.Method(nameof(MatrixMemory.Transpose)));
        return place;
    }

    /// <summary>Writes the elements of registers in f32: by register and element, 32 lanes each.</summary>
    private void Convert(ReadOnlySpan<Arg> values, PtxType type, int place)
    {
        int elements = type is PtxType.F16 or PtxType.BF16 ? 2 : 1;
        for (int r = 0; r < values.Length; r++)
            for (int element = 0; element < elements; element++)
                for (int slice = 0; slice < slices; slice++)
                {
                    LoadFragment(place + (r * elements + element) * RegisterHome.Bytes + slice * kit.Bytes);
                    LoadVector(values[r], ValueKind.I32, slice);
                    ConvertElement(type, element);
                    il.StoreObject(kit.Vector(ValueKind.I32));
                }
    }

    /// <summary>The bits of an element of the registers on the stack, as those of an f32.</summary>
    private void ConvertElement(PtxType type, int element)
    {
        switch (type)
        {
            case PtxType.F16:
                if (element == 0) MaskLow(16);
                else ShiftRight(16);
                HalfToFloat();
                Reinterpret(ValueKind.F32, ValueKind.I32);
                break;
            case PtxType.BF16 when element == 0:
                il.Int(16);
                Call("op_LeftShift", ValueKind.I32);
                break;
            case PtxType.BF16 or PtxType.TF32:
                Constant(type == PtxType.BF16 ? unchecked((int)0xFFFF0000) : unchecked((int)0xFFFFE000));
                Call("op_BitwiseAnd", ValueKind.I32);
                break;
        }

        void ShiftRight(int bits)
        {
            il.Int(bits);
            Call("op_UnsignedRightShift", ValueKind.I32);
        }
    }

    /// <summary>Reads D from the working memory; pairs of f16 are rounded to it.</summary>
    private void ReadSums(Reg?[] targets, PtxType type)
    {
        for (int r = 0; r < targets.Length; r++)
        {
            if (targets[r] is not { } target) continue;
            for (int slice = 0; slice < slices; slice++)
            {
                if (type == PtxType.F32) LoadSums(r, slice);
                else
                {
                    LoadSums(2 * r + 1, slice);
                    FloatToShort(PtxType.F16);
                    il.Int(16);
                    Call("op_LeftShift", ValueKind.I32);
                    LoadSums(2 * r, slice);
                    FloatToShort(PtxType.F16);
                    Call("op_BitwiseOr", ValueKind.I32);
                    Reinterpret(ValueKind.I32, ValueKind.F32);
                }
                Reinterpret(ValueKind.F32, target.Kind);
                StoreVector(target, slice);
            }
        }

        void LoadSums(int register, int slice)
        {
            LoadFragment(OffsetOfD + register * RegisterHome.Bytes + slice * kit.Bytes);
            il.LoadObject(kit.Vector(ValueKind.F32));
        }
    }

    /// <summary>The lanes' row addresses go to slot 0 of the scratch memory.</summary>
    private void EmitLoadMatrix(Instr i)
    {
        SpillRows(i);
        bool inPlace = FollowEachOther(i.Targets) && Array.TrueForAll(i.Targets, t => Blends(t!) is null);
        il.Load(scratch);
        if (inPlace) LoadHome(i.Targets[0]!.Home!.Value, 0);
        else LoadFragment(OffsetOfD);
        il.Int(i.Targets.Length);
        il.Call(MatrixMemory.Method(i.Operation.Transposed ? nameof(MatrixMemory.LoadTransposed) : nameof(MatrixMemory.Load)));
        if (!inPlace) ReadSums(i.Targets, PtxType.F32);
    }

    private void EmitStoreMatrix(Instr i)
    {
        SpillRows(i);
        for (int r = 0; r < i.Values.Length; r++)
            for (int slice = 0; slice < slices; slice++) SpillVector(i.Values[r], ValueKind.I32, slice, 1, r * RegisterHome.Bytes + slice * kit.Bytes);
        il.Load(scratch);
        il.Load(scratch);
        il.Displace(SlotBytes);
        il.Int(i.Values.Length);
        il.Call(MatrixMemory.Method(i.Operation.Transposed ? nameof(MatrixMemory.StoreTransposed) : nameof(MatrixMemory.Store)));
    }

    private void SpillRows(Instr i)
    {
        PtxSpace space = i.Operation.Space == PtxSpace.Shared ? PtxSpace.Shared : PtxSpace.Generic;
        for (int slice = 0; slice < slices; slice++)
        {
            GuardWraps(i, i.Addresses[0], slice);
            SpillAddresses(i.Addresses[0], space, slice, slice * lanes * 8);
        }
        int rows = 8 * Math.Max(i.Operation.Matrices, 1);
        CheckLanes(i.Addresses[0], space, 0, 16, () => il.Int((int)(uint)((1ul << rows) - 1)));
    }

    /// <summary>cp.async copies at once: destinations in slot 0, sources in slot 1, bytes to read in slot 2.</summary>
    private void EmitAsyncCopy(Instr i)
    {
        int bytes = (int)i.Values[0].Bits;
        Arg? limit = i.Values.Length - (i.Operation.Has("L2::cache_hint") ? 1 : 0) > 1 ? i.Values[1] : null;
        for (int slice = 0; slice < slices; slice++)
        {
            GuardWraps(i, i.Addresses[1], slice);
            SpillAddresses(i.Addresses[0], PtxSpace.Shared, slice);
            SpillAddresses(i.Addresses[1], PtxSpace.Global, slice, SlotBytes);
            CheckLanes(i.Addresses[0], PtxSpace.Shared, 0, bytes, () => LoadMaskBits(predicate, slice));
            il.Load(scratch);
            il.Displace(2 * SlotBytes);
            LoadSourceBytes(limit, bytes, slice);
            il.StoreObject(kit.Vector(ValueKind.I32));
            CheckSources(slice);
            il.Load(scratch);
            LoadMaskBits(predicate, slice);
            il.Call(AsyncCopies.Of(bytes));
        }
    }

    /// <summary>Pushes how many bytes each lane reads: those that the instruction says, or none where a predicate holds.</summary>
    private void LoadSourceBytes(Arg? limit, int bytes, int slice)
    {
        if (limit is { Register.Kind: ValueKind.Pred } ignored)
        {
            LoadVector(ignored, ValueKind.Pred, slice);
            Constant(0);
            Constant(bytes);
            Select(ValueKind.I32);
        }
        else if (limit is { } size) LoadVector(size, ValueKind.I32, slice);
        else Constant(bytes);
    }
}
