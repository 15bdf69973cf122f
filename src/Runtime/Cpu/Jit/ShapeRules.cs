using MmKernels.Ptx;
using static MmKernels.Ptx.PtxOpcode;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>The shape of an instruction's result from those of its operands.</summary>
internal sealed class ShapeRules(PtxFunction function, LaunchForm form, int lanes, int localBytes)
{
    /// <summary>Strides above this are no array indices: conversions to 64 bit do not keep them affine.</summary>
    private const int MaxIndexStride = 1 << 16;

    public Shape Result(Instr instruction, int target)
    {
        switch (instruction.Opcode)
        {
            case Ld or Ldu: return Load(instruction);
            case Atom or MatchSync or ElectSync or Mma or Ldmatrix or Movmatrix or WmmaLoad or WmmaMma: return Shape.Varying;
            case Activemask or Vote: return Shape.Uniform();
            // Groups of lanes may name themselves by different masks in one instruction.
            case VoteSync or ReduxSync: return Of(instruction.Values[1]) is { IsUnknown: false, IsUniform: false } ? Shape.Varying : Shape.Uniform();
            case ShflSync or Shfl: return target == 0 && Of(instruction.Values[0]).IsUniform ? Shape.Uniform() : Of(instruction.Values[0]).IsUnknown ? Shape.Unknown : Shape.Varying;
            case Cvta: return Pointer(instruction);
            case Mov when instruction.Values.Length == 1 && instruction.Targets.Length == 1: return Of(instruction.Values[0]);
        }
        return Pure(instruction);
    }

    public Shape Of(Arg value)
    {
        if (value.Register is not null) return value.Register.Shape;
        if (value.Special is { } special) return Of(special);
        if (value.Symbol is not null) return Shape.Uniform(Math.Min(Shape.Zeros(value.Symbol.Align), Shape.Zeros(value.Offset)));
        return Shape.Uniform(value.BitsKind == PtxImmediateKind.Integer ? Shape.Zeros((long)value.Bits) : 0);
    }

    /// <summary>The lanes' addresses; a local variable has one place per lane.</summary>
    public Shape Address(Arg address, PtxSpace space)
    {
        Shape shape = Of(address with { Offset = 0 });
        if (!shape.IsScalar || space != PtxSpace.Local) return shape;
        return Shape.Affine(shape.Stride + localBytes, shape.Warp, 0);
    }

    private Shape Of(PtxSpecialRegister special)
    {
        switch (special)
        {
            case PtxSpecialRegister.TidX:
                return form.X switch { TidForm.Warp => Shape.Affine(1, true, 5), TidForm.Slice => Shape.Affine(1, false, Shape.Zeros(lanes)), _ => Shape.Varying };
            case PtxSpecialRegister.TidY or PtxSpecialRegister.TidZ:
                if (form.OneDimensional) return Shape.Uniform(Shape.MaxAlign);
                return form.X switch { TidForm.Warp => Shape.Uniform(), TidForm.Slice => Shape.SliceUniform(), _ => Shape.Varying };
            case PtxSpecialRegister.LaneId:
                return Shape.Affine(1, true, Shape.MaxAlign);
            case PtxSpecialRegister.LanemaskEq or PtxSpecialRegister.LanemaskGe or PtxSpecialRegister.LanemaskGt or PtxSpecialRegister.LanemaskLe or PtxSpecialRegister.LanemaskLt:
                return Shape.Varying;
            case PtxSpecialRegister.NtidX or PtxSpecialRegister.NtidY or PtxSpecialRegister.NtidZ when function.RequiredThreads is { } threads:
                return Shape.Uniform(Shape.Zeros(threads[special - PtxSpecialRegister.NtidX]));
            case PtxSpecialRegister.NtidX when form.X == TidForm.Warp && !form.Partial:
                return Shape.Uniform(5);
            default:
                return Shape.Uniform();
        }
    }

    private Shape Load(Instr instruction)
    {
        PtxSpace space = instruction.Operation.Space;
        if (space == PtxSpace.Param) return Shape.Uniform();
        Shape address = Address(instruction.Addresses[0], space);
        if (address.IsUnknown || address.IsVarying) return address;
        return address.Stride != 0 ? Shape.Varying : address.Warp ? Shape.Uniform() : Shape.SliceUniform();
    }

    private Shape Pointer(Instr instruction)
    {
        Shape shape = Of(instruction.Values[0]);
        if (instruction.Operation.Space != PtxSpace.Local || !shape.IsScalar) return shape;
        return Shape.Affine(shape.Stride + (instruction.Operation.To ? -localBytes : localBytes), shape.Warp, 0);
    }

    private Shape Pure(Instr instruction)
    {
        bool uniform = true, constant = true;
        foreach (Arg value in instruction.Values)
        {
            Shape shape = Of(value);
            if (shape.IsUnknown) return Shape.Unknown;
            if (shape.IsVarying) return Shape.Varying;
            uniform &= shape.IsUniform;
            constant &= shape.IsConstantInSlice;
        }
        if (instruction.Values.Length == 0) return Shape.Varying;
        bool index = instruction.Targets.Length == 1 && instruction.Targets[0]!.Kind is ValueKind.I32 or ValueKind.I64 && instruction.Targets[0]!.Type.Bits() >= 32;
        Shape affine = index ? Affine(instruction) : Shape.Varying;
        if (!constant) return affine;
        return Shape.Affine(0, uniform, affine is { IsScalar: true, Stride: 0 } ? affine.Align : 0);
    }

    private Shape Affine(Instr instruction)
    {
        PtxOperation operation = instruction.Operation;
        bool wide = operation.Product == PtxProduct.Wide;
        if (operation.Sat || operation.CarryOut || operation.Type.Bits() < 32 || (operation.Type.IsFloat() && operation.Opcode != Mov)) return Shape.Varying;
        Arg[] v = instruction.Values;
        Shape a = Of(v[0]);
        switch (instruction.Opcode)
        {
            case Add: return Sum(a, Of(v[1]), 1, operation.Type);
            case Sub: return Sum(a, Of(v[1]), -1, operation.Type);
            case Neg: return Sum(Shape.Uniform(Shape.MaxAlign), a, -1, operation.Type);
            case Not: return Sum(Shape.Uniform(), a, -1, operation.Type);
            case Mul when operation.Product == PtxProduct.Lo: return Product(v[0], v[1], operation.Type);
            case Mul when wide: return Widened(WideProduct(v[0], v[1], operation.Type), instruction, v[0], v[1]);
            case Mad when operation.Product == PtxProduct.Lo: return Sum(Product(v[0], v[1], operation.Type), Of(v[2]), 1, operation.Type);
            case Mad when wide: return Sum(Widened(WideProduct(v[0], v[1], operation.Type), instruction, v[0], v[1]), Of(v[2]), 1, PtxType.B64);
            case Shl when v[1].IsConstant: return Shifted(a, v[1].Bits, operation.Type);
            case Shr when v[1].IsConstant: return ShiftedRight(a, v[1].Bits, operation.Type.Bits());
            case And when v[1].IsConstant: return Masked(a, v[1].Bits, operation.Type.Bits());
            case And when v[0].IsConstant: return Masked(Of(v[1]), v[0].Bits, operation.Type.Bits());
            case Or when v[1].IsConstant: return Joined(a, v[1].Bits, operation.Type);
            case Selp when Of(v[2]).IsConstantInSlice: return a.Stride == Of(v[1]).Stride ? Shape.Affine(a.Stride, a.Warp && Of(v[1]).Warp && Of(v[2]).Warp, 0) : Shape.Varying;
            case Cvt when !operation.SourceType.IsFloat() && operation.SourceType.Bits() >= 32:
                return operation.Type.Bits() > operation.SourceType.Bits() ? Widened(a, instruction, v[0], default) : Wrapped(a, operation.Type);
            default: return Shape.Varying;
        }
    }

    /// <summary>Strides are kept as they wrap in the type.</summary>
    private static Shape Wrapped(Shape shape, PtxType type)
        => shape.IsScalar && type.Bits() == 32 ? shape with { Stride = (int)shape.Stride } : shape;

    private Shape Sum(Shape a, Shape b, int sign, PtxType type)
        => a.IsVarying || b.IsVarying ? Shape.Varying : Wrapped(Shape.Affine(a.Stride + sign * b.Stride, a.Warp && b.Warp, SumAlign(a, b)), type);

    /// <summary>A warp's base that is added to a slice's base counts with the slice's alignment.</summary>
    private int SumAlign(Shape a, Shape b)
        => a.Warp == b.Warp ? Math.Min(a.Align, b.Align) : Math.Min(a.SliceAlign(lanes), b.SliceAlign(lanes));

    private Shape Product(Arg a, Arg b, PtxType type)
    {
        Shape x = Of(a), y = Of(b);
        if (x.IsVarying || y.IsVarying) return Shape.Varying;
        if (x.Stride == 0 && y.Stride == 0) return Shape.Affine(0, x.Warp && y.Warp, x.Align + y.Align);
        if (x.Stride == 0) return Product(b, a, type);
        if (!b.IsConstant || b.BitsKind != PtxImmediateKind.Integer) return Shape.Varying;
        return Wrapped(Shape.Affine(x.Stride * (long)b.Bits, x.Warp, x.Align + Shape.Zeros((long)b.Bits)), type);
    }

    /// <summary>A 32-bit constant factor counts as its type reads it.</summary>
    private Shape WideProduct(Arg a, Arg b, PtxType type) => Product(AsRead(a, type), AsRead(b, type), PtxType.B64);

    private static Arg AsRead(Arg value, PtxType type)
        => value is { IsConstant: true, BitsKind: PtxImmediateKind.Integer } ? value with { Bits = type.IsSigned() ? (ulong)(int)value.Bits : (uint)value.Bits } : value;

    private static Shape Widened(Shape wide, Instr instruction, Arg a, Arg b)
    {
        if (wide.IsVarying || wide.Stride == 0) return wide;
        Shape source = a.Register?.Shape ?? (b.Register?.Shape ?? Shape.Unknown);
        if (a.Special is not null || b.Special is not null) return wide;      // %tid and %laneid are far from wrapping
        return instruction.Targets[0]!.AddressOnly && Math.Abs(source.Stride) <= MaxIndexStride ? wide : Shape.Varying;
    }

    private static Shape Shifted(Shape a, ulong count, PtxType type)
        => a.IsVarying || count >= (ulong)type.Bits() ? Shape.Varying : Wrapped(Shape.Affine(a.Stride << (int)count, a.Warp, a.Align + (int)count), type);

    /// <summary>Where all lanes' distances fall below the base's lowest bit, no carry passes between the two.</summary>
    private Shape ShiftedRight(Shape a, ulong count, int bits)
    {
        if (a.IsVarying || count >= (ulong)bits) return Shape.Varying;
        int k = (int)count;
        if (a.Stride == 0) return Shape.Affine(0, a.Warp, a.Align - k);
        if (a.Stride < 0) return Shape.Varying;
        if (a.Warp && Fits(a.Stride, 32, a.Align))
        {
            if (a.Stride * 32 <= 1L << k) return Shape.Uniform(Math.Max(0, a.Align - k));
            if ((a.Stride & ((1L << k) - 1)) == 0) return Shape.Affine(a.Stride >> k, true, a.Align - k);
        }
        if (!Fits(a.Stride, lanes, a.SliceAlign(lanes))) return Shape.Varying;
        if (a.Stride * lanes <= 1L << k) return Shape.SliceUniform(Math.Max(0, a.SliceAlign(lanes) - k));
        return (a.Stride & ((1L << k) - 1)) == 0 ? Shape.Affine(a.Stride >> k, false, a.SliceAlign(lanes) - k) : Shape.Varying;
    }

    private Shape Masked(Shape a, ulong mask, int bits)
    {
        if (a.IsVarying) return Shape.Varying;
        int zeros = Shape.Zeros((long)mask);
        if (a.Stride == 0) return Shape.Affine(0, a.Warp, Math.Max(a.Align, zeros));
        if (a.Stride < 0) return Shape.Varying;
        if (a.Warp && Fits(a.Stride, 32, a.Align) && Passes(mask, a.Stride, 32, a.Align, bits)) return Shape.Affine(a.Stride, true, a.Align);
        int align = a.SliceAlign(lanes);
        if (!Fits(a.Stride, lanes, align)) return Shape.Varying;
        if (Passes(mask, a.Stride, lanes, align, bits)) return Shape.Affine(a.Stride, false, align);
        // All varying bits are cleared.
        if (a.Warp && Fits(a.Stride, 32, a.Align) && a.Stride * 32 <= 1L << zeros) return Shape.Uniform(zeros);
        return a.Stride * lanes <= 1L << zeros ? Shape.SliceUniform(zeros) : Shape.Varying;
    }

    /// <summary>The distances of <paramref name="count"/> lanes stay below the base's lowest bit.</summary>
    private static bool Fits(long stride, int count, int align) => stride <= 1L << 30 && stride * (count - 1) < 1L << Math.Min(align, 62);

    /// <summary>The mask keeps every bit below the base's lowest bit.</summary>
    private static bool Passes(ulong mask, long stride, int count, int align, int bits)
    {
        ulong distances = 0;
        for (long d = stride * (count - 1); d > 0; d >>= 1) distances = distances << 1 | 1;
        if (align < bits && distances >> Math.Min(align, 63) != 0) return false;
        return (mask & distances) == distances;
    }

    private Shape Joined(Shape a, ulong bits, PtxType type)
    {
        if (a.IsVarying) return Shape.Varying;
        int free = Math.Min(a.SliceAlign(lanes), a.Stride == 0 ? Shape.MaxAlign : Shape.Zeros(a.Stride));
        if (bits < 1ul << free) return Sum(a, Shape.Uniform(Shape.Zeros((long)bits)), 1, type);
        return a.Stride == 0 ? Shape.Affine(0, a.Warp, Math.Min(a.Align, Shape.Zeros((long)bits))) : Shape.Varying;
    }
}
