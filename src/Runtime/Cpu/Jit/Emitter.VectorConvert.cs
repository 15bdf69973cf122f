using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Vector conversions.</summary>
internal sealed unsafe partial class Emitter
{
    private bool VectorConvert(Instr i, int slice, int part)
    {
        PtxOperation op = i.Operation;
        PtxType to = op.Type, from = op.SourceType;
        Reg target = i.Targets[0]!;
        if (op.Relu || op.Ftz) return false;
        if (!to.IsFloat() && !from.IsFloat()) return !op.Sat && VectorResize(i, slice, part);
        if (op.Sat) return false;
        bool nearest = op.Rounding is PtxRounding.None or PtxRounding.Rn;
        if (target.Kind.Is64() != (to.Bits() == 64)) return false;
        switch (to, from)
        {
            case (PtxType.F32, PtxType.S32 or PtxType.S16 or PtxType.S8 or PtxType.U16 or PtxType.U8) when nearest:
                LoadTyped(i.Values[0], from, ValueKind.I32, slice, 0);
                il.Call(kit.Typed("ConvertToSingle", ValueKind.I32));
                break;
            case (PtxType.F64, PtxType.S32 or PtxType.S16 or PtxType.S8 or PtxType.U16 or PtxType.U8 or PtxType.U32):
                LoadTyped(i.Values[0], from, ValueKind.I32, slice, 0);
                if (from == PtxType.U32) WidenUnsigned(part);
                else WidenSigned(part);
                il.Call(kit.Typed("ConvertToDouble", ValueKind.I64));
                break;
            case (PtxType.F64, PtxType.F32):
                LoadVector(i.Values[0], ValueKind.F32, slice);
                il.Call(kit.Typed(part == 0 ? "WidenLower" : "WidenUpper", ValueKind.F32));
                break;
            case (PtxType.F32, PtxType.F64) when nearest:
                LoadVector(i.Values[0], ValueKind.F64, slice, 0);
                LoadVector(i.Values[0], ValueKind.F64, slice, 1);
                il.Call(kit.Typed("Narrow", ValueKind.F64, kit.Vector(ValueKind.F64)));
                break;
            case (PtxType.S32, PtxType.F32) when op.Rounding is PtxRounding.Rzi or PtxRounding.Rni or PtxRounding.Rmi or PtxRounding.Rpi:
                RoundedVector(i, slice);
                il.Call(kit.Typed("ConvertToInt32", ValueKind.F32));
                break;
            case (PtxType.F32, PtxType.F32):
                RoundedVector(i, slice);
                break;
            case (PtxType.F32, PtxType.F16):
                LoadTyped(i.Values[0], PtxType.U16, ValueKind.I32, slice, 0);
                HalfToFloat();
                break;
            case (PtxType.F32, PtxType.BF16):
                LoadVector(i.Values[0], ValueKind.I32, slice);
                il.Int(16);
                Call("op_LeftShift", ValueKind.I32);
                Reinterpret(ValueKind.I32, ValueKind.F32);
                break;
            case (PtxType.F16 or PtxType.BF16, PtxType.F32) when op.Rounding == PtxRounding.Rn:
                LoadVector(i.Values[0], ValueKind.F32, slice);
                FloatToShort(to);
                break;
            case (PtxType.F16x2 or PtxType.BF16x2, PtxType.F32) when op.Rounding == PtxRounding.Rn:
                LoadVector(i.Values[0], ValueKind.F32, slice);
                FloatToShort(to);
                il.Int(16);
                Call("op_LeftShift", ValueKind.I32);
                LoadVector(i.Values[1], ValueKind.F32, slice);
                FloatToShort(to);
                Call("op_BitwiseOr", ValueKind.I32);
                break;
            default: return false;
        }
        Reinterpret(ValueKinds.Of(to)!.Value, target.Kind);
        return true;
    }

    private void RoundedVector(Instr i, int slice)
    {
        LoadVector(i.Values[0], ValueKind.F32, slice);
        string? name = i.Operation.Rounding switch
        {
            PtxRounding.Rzi => "Truncate",
            PtxRounding.Rni => "Round",
            PtxRounding.Rmi => "Floor",
            PtxRounding.Rpi => "Ceiling",
            _ => null,
        };
        if (name is not null) il.Call(kit.Typed(name, ValueKind.F32));
    }

    /// <summary>Integer to integer.</summary>
    private bool VectorResize(Instr i, int slice, int part)
    {
        PtxType to = i.Operation.Type, from = i.Operation.SourceType;
        Reg target = i.Targets[0]!;
        if (target.Kind.Is64())
        {
            if (to.Bits() < 64) return false;
            if (from.Bits() == 64)
            {
                LoadVector(i.Values[0], ValueKind.I64, slice, part);
                return true;
            }
            LoadTyped(i.Values[0], from, ValueKind.I32, slice, 0);
            if (from.IsSigned()) WidenSigned(part);
            else WidenUnsigned(part);
            return true;
        }
        if (from.Bits() == 64) LoadVector(i.Values[0], ValueKind.I32, slice);
        else LoadTyped(i.Values[0], from, ValueKind.I32, slice, 0);
        if (to.Bits() < 32 && (from.Bits() > to.Bits() || from.IsSigned() != to.IsSigned()))
        {
            if (to.IsSigned()) ExtendSign(to.Bits());
            else MaskLow(to.Bits());
        }
        CutToShort(target);
        Reinterpret(ValueKind.I32, target.Kind);
        return true;
    }

    /// <summary>Zero-extended f16 lanes to f32, exactly: scaling by 2^112 moves the exponent and normalises subnormals.</summary>
    private void HalfToFloat()
    {
        LocalBuilder h = NewVector(ValueKind.I32), magnitude = NewVector(ValueKind.I32);
        il.Keep(h);
        Constant(0x7FFF);
        Call("op_BitwiseAnd", ValueKind.I32);
        il.Keep(magnitude);
        il.Int(13);
        Call("op_LeftShift", ValueKind.I32);
        Reinterpret(ValueKind.I32, ValueKind.F32);
        Constant(5.192296858534828e33f);
        Call("op_Multiply");
        Reinterpret(ValueKind.F32, ValueKind.I32);
        // Infinity and NaN keep all exponent bits.
        il.Load(magnitude);
        Constant(0x7BFF);
        il.Call(kit.Generic("GreaterThan", ValueKind.I32, 2));
        Constant(0x7F800000);
        Call("op_BitwiseAnd", ValueKind.I32);
        Call("op_BitwiseOr", ValueKind.I32);
        il.Load(h);
        Constant(0x8000);
        Call("op_BitwiseAnd", ValueKind.I32);
        il.Int(16);
        Call("op_LeftShift", ValueKind.I32);
        Call("op_BitwiseOr", ValueKind.I32);
        Reinterpret(ValueKind.I32, ValueKind.F32);
        il.Release(h);
        il.Release(magnitude);
    }

    /// <summary>f32 lanes to zero-extended f16 or bf16, to nearest even.</summary>
    private void FloatToShort(PtxType to)
    {
        LocalBuilder bits = NewVector(ValueKind.I32), magnitude = NewVector(ValueKind.I32);
        Reinterpret(ValueKind.F32, ValueKind.I32);
        il.Store(bits);
        if (to is PtxType.BF16 or PtxType.BF16x2) FloatToBrain(bits, magnitude);
        else FloatToHalf(bits, magnitude);
        il.Release(bits);
        il.Release(magnitude);
    }

    private void FloatToBrain(LocalBuilder bits, LocalBuilder magnitude)
    {
        il.Load(bits);
        Constant(int.MaxValue);
        Call("op_BitwiseAnd", ValueKind.I32);
        Constant(0x7F800000);
        il.Call(kit.Generic("GreaterThan", ValueKind.I32, 2));
        Constant(0x7FFF);
        il.Load(bits);
        Constant(0x7FFF);
        Call("op_Addition", ValueKind.I32);
        il.Load(bits);
        il.Int(16);
        Call("op_UnsignedRightShift", ValueKind.I32);
        Constant(1);
        Call("op_BitwiseAnd", ValueKind.I32);
        Call("op_Addition", ValueKind.I32);
        il.Int(16);
        Call("op_UnsignedRightShift", ValueKind.I32);
        Select(ValueKind.I32);
    }

    private void FloatToHalf(LocalBuilder bits, LocalBuilder magnitude)
    {
        LocalBuilder normal = NewVector(ValueKind.I32);
        il.Load(bits);
        Constant(int.MaxValue);
        Call("op_BitwiseAnd", ValueKind.I32);
        il.Store(magnitude);
        // Normal results: move the exponent, round by adding just under half a unit plus the lowest kept bit.
        il.Load(magnitude);
        Constant(unchecked((int)0xC8000FFF));
        Call("op_Addition", ValueKind.I32);
        il.Load(magnitude);
        il.Int(13);
        Call("op_UnsignedRightShift", ValueKind.I32);
        Constant(1);
        Call("op_BitwiseAnd", ValueKind.I32);
        Call("op_Addition", ValueKind.I32);
        il.Int(13);
        Call("op_UnsignedRightShift", ValueKind.I32);
        il.Store(normal);
        // Subnormal results: adding 0.5 lets the float adder round to units of 2^-24.
        il.Load(magnitude);
        Constant(0x38800000);
        il.Call(kit.Generic("LessThan", ValueKind.I32, 2));
        il.Load(magnitude);
        Reinterpret(ValueKind.I32, ValueKind.F32);
        Constant(0.5f);
        Call("op_Addition");
        Reinterpret(ValueKind.F32, ValueKind.I32);
        Constant(0x3F000000);
        Call("op_Subtraction", ValueKind.I32);
        il.Load(normal);
        Select(ValueKind.I32);
        il.Store(normal);
        // From 65520 on: infinity.
        il.Load(magnitude);
        Constant(0x477FF000);
        il.Call(kit.Generic("GreaterThanOrEqual", ValueKind.I32, 2));
        Constant(0x7C00);
        il.Load(normal);
        Select(ValueKind.I32);
        il.Store(normal);
        // NaN: the canonical one, without a sign.
        il.Load(magnitude);
        Constant(0x7F800000);
        il.Call(kit.Generic("GreaterThan", ValueKind.I32, 2));
        Constant(0x7FFF);
        il.Load(bits);
        il.Int(16);
        Call("op_UnsignedRightShift", ValueKind.I32);
        Constant(0x8000);
        Call("op_BitwiseAnd", ValueKind.I32);
        il.Load(normal);
        Call("op_BitwiseOr", ValueKind.I32);
        Select(ValueKind.I32);
        il.Release(normal);
    }
}
