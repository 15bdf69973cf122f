using System.Reflection.Emit;
using MmKernels.Ptx;
using static MmKernels.Ptx.PtxOpcode;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Vector forms of floating-point instructions and conversions. The approximations repeat <see cref="PtxMath"/> step by step, so the bits agree.
/// </summary>
internal sealed unsafe partial class Emitter
{
    private bool VectorFloat(Instr i, int slice, int part)
    {
        PtxOperation op = i.Operation;
        bool wide = op.Type == PtxType.F64;
        ValueKind kind = wide ? ValueKind.F64 : ValueKind.F32;
        if (op.Rounding is not (PtxRounding.None or PtxRounding.Rn) || op.Relu || op.Has("xorsign.abs") || !Matches(i, kind) || (wide && op.Sat)) return false;
        switch (i.Opcode)
        {
            case Add: Binary("op_Addition"); break;
            case Sub: Binary("op_Subtraction"); break;
            case Mul: Binary("op_Multiply"); break;
            case Div: Binary("op_Division"); break;
            case Fma or Mad: Operands(3); il.Call(kit.FusedMultiplyAdd(kind)); break;
            case Neg: Operands(1); il.Call(kit.Operator("op_UnaryNegation", kind)); break;
            case Abs: Operands(1); il.Call(kit.Generic("Abs", kind, 1)); break;
            case Min or Max when !op.NaN && (IsZero(0) || IsZero(1)): AgainstZero(IsZero(1) ? 0 : 1); break;
            case Min or Max when !op.NaN: Operands(2); il.Call(kit.Generic(i.Opcode + "Number", kind, 2)); break;
            case Sqrt: Operands(1); il.Call(kit.Generic("Sqrt", kind, 1)); break;
            case Rcp when !wide: One(); Operands(1); il.Call(kit.Operator("op_Division", kind)); break;
            case Rsqrt when !wide: One(); Operands(1); il.Call(kit.Generic("Sqrt", kind, 1)); il.Call(kit.Operator("op_Division", kind)); break;
            case Ex2 when !wide:
                // Subnormal operands give 1 with or without flushing; results are never negative.
                LoadVector(i.Values[0], kind, slice, part);
                VectorEx2();
                if (op.Ftz) FlushPositive();
                Reinterpret(kind, i.Targets[0]!.Kind);
                return true;
            case Lg2 when !wide: Operands(1); VectorLg2(); break;
            case Tanh when !wide: Operands(1); VectorTanh(); break;
            default: return false;
        }
        if (op.Sat) SaturateVector();
        if (op.Ftz) FlushVector();
        Reinterpret(kind, i.Targets[0]!.Kind);
        return true;

        void One() => Constant(1f);

        ulong Bits(int v) => PtxImmediates.BitsFor(new ImmediateOperand(i.Values[v].Bits, i.Values[v].BitsKind), op.Type);

        bool IsZero(int v) => i.Values[v].IsConstant && Bits(v) << (wide ? 1 : 33) == 0;

        // On AVX-512, RyuJIT of .NET 10 folds MinNumber and MaxNumber with a constant zero wrongly (MaxNumber(3, -0.0) is 0).
        void AgainstZero(int x)
        {
            bool negative = Bits(1 - x) != 0;
            Operand(x);
            Operand(1 - x);
            il.Call(kit.Generic(i.Opcode == Max ? negative ? "GreaterThanOrEqual" : "GreaterThan" : negative ? "LessThan" : "LessThanOrEqual", kind, 2));
            Operand(x);
            Operand(1 - x);
            Select(kind);
        }

        void Operands(int count)
        {
            for (int v = 0; v < count; v++) Operand(v);
        }

        void Operand(int v)
        {
            LoadVector(i.Values[v], kind, slice, part);
            if (op.Ftz) FlushVector();
        }

        void Binary(string name)
        {
            Operands(2);
            il.Call(kit.Operator(name, kind));
        }
    }

    private void Constant(float value)
    {
        il.Float(value);
        il.Call(kit.Broadcast(ValueKind.F32));
    }

    private void Constant(int value)
    {
        il.Int(value);
        il.Call(kit.Broadcast(ValueKind.I32));
    }

    private LocalBuilder NewVector(ValueKind kind = ValueKind.F32) => il.NewLocal(kit.Vector(kind));

    private void Call(string name, ValueKind kind = ValueKind.F32) => il.Call(kit.Operator(name, kind));

    /// <summary>Subnormal lanes become zeros of their sign.</summary>
    private void FlushVector()
    {
        LocalBuilder x = NewVector(ValueKind.I32);
        Reinterpret(ValueKind.F32, ValueKind.I32);
        il.Keep(x);
        Constant(0x7F800000);
        Call("op_BitwiseAnd", ValueKind.I32);
        il.Call(kit.Constant("Zero", ValueKind.I32));
        il.Call(kit.Generic("Equals", ValueKind.I32, 2));
        il.Load(x);
        Constant(int.MinValue);
        Call("op_BitwiseAnd", ValueKind.I32);
        il.Load(x);
        il.Call(kit.Generic("ConditionalSelect", ValueKind.I32, 3));
        Reinterpret(ValueKind.I32, ValueKind.F32);
        il.Release(x);
    }

    /// <summary>Subnormal lanes become zero where none is negative.</summary>
    private void FlushPositive()
    {
        LocalBuilder x = NewVector();
        il.Keep(x);
        Constant(1.17549435e-38f);
        il.Call(kit.Generic("LessThan", ValueKind.F32, 2));
        il.Call(kit.Constant("Zero", ValueKind.F32));
        il.Load(x);
        Select();
        il.Release(x);
    }

    /// <summary>a &gt; 0 ? a &lt; 1 ? a : 1 : 0, so NaN becomes zero.</summary>
    private void SaturateVector()
    {
        LocalBuilder a = NewVector();
        il.Store(a);
        il.Load(a);
        il.Call(kit.Constant("Zero", ValueKind.F32));
        il.Call(kit.Generic("GreaterThan", ValueKind.F32, 2));
        il.Load(a);
        Constant(1f);
        il.Call(kit.Generic("LessThan", ValueKind.F32, 2));
        il.Load(a);
        Constant(1f);
        Select();
        il.Call(kit.Constant("Zero", ValueKind.F32));
        Select();
        il.Release(a);
    }

    private void Select(ValueKind kind = ValueKind.F32) => il.Call(kit.Generic("ConditionalSelect", kind, 3));

    /// <summary>p = p · x + c on the stack.</summary>
    private void Horner(LocalBuilder x, float c)
    {
        il.Load(x);
        Constant(c);
        il.Call(kit.FusedMultiplyAdd(ValueKind.F32));
    }

    private void VectorEx2()
    {
        LocalBuilder x = NewVector(), shifted = NewVector(), whole = NewVector(ValueKind.I32), half = NewVector(ValueKind.I32);
        il.Store(x);
        Clamp(x, 129f, "LessThan");
        Clamp(x, -151f, "GreaterThan");
        il.Load(x);
        Constant(PtxMath.RoundingMagic);
        Call("op_Addition");
        il.Keep(shifted);
        Reinterpret(ValueKind.F32, ValueKind.I32);
        Constant(BitConverter.SingleToInt32Bits(PtxMath.RoundingMagic));
        Call("op_Subtraction", ValueKind.I32);
        il.Store(whole);
        il.Load(x);
        il.Load(shifted);
        Constant(PtxMath.RoundingMagic);
        Call("op_Subtraction");
        Call("op_Subtraction");
        il.Store(x);
        Constant(PtxMath.Ex2C6);
        Horner(x, PtxMath.Ex2C5);
        Horner(x, PtxMath.Ex2C4);
        Horner(x, PtxMath.Ex2C3);
        Horner(x, PtxMath.Ex2C2);
        Horner(x, PtxMath.Ex2C1);
        Horner(x, 1f);
        il.Load(whole);
        il.Int(1);
        Call("op_RightShift", ValueKind.I32);
        il.Keep(half);
        PowerOfTwo();
        Call("op_Multiply");
        il.Load(whole);
        il.Load(half);
        Call("op_Subtraction", ValueKind.I32);
        PowerOfTwo();
        Call("op_Multiply");
        foreach (LocalBuilder local in new[] { x, shifted, whole, half }) il.Release(local);

        void PowerOfTwo()
        {
            Constant(127);
            Call("op_Addition", ValueKind.I32);
            il.Int(23);
            Call("op_LeftShift", ValueKind.I32);
            Reinterpret(ValueKind.I32, ValueKind.F32);
        }
    }

    /// <summary>x = limit (compared) x ? limit : x, which keeps NaN.</summary>
    private void Clamp(LocalBuilder x, float limit, string comparison)
    {
        Constant(limit);
        il.Load(x);
        il.Call(kit.Generic(comparison, ValueKind.F32, 2));
        Constant(limit);
        il.Load(x);
        Select();
        il.Store(x);
    }

    private void VectorLg2()
    {
        LocalBuilder x = NewVector(), tiny = NewVector(), bits = NewVector(ValueKind.I32), m = NewVector(), s = NewVector(), z = NewVector();
        il.Keep(x);
        Constant(1.17549435e-38f);
        il.Call(kit.Generic("LessThan", ValueKind.F32, 2));
        il.Keep(tiny);
        il.Load(x);
        Constant(8388608f);
        Call("op_Multiply");
        il.Load(x);
        Select();
        Reinterpret(ValueKind.F32, ValueKind.I32);
        Constant(0x3F3504F3);
        Call("op_Subtraction", ValueKind.I32);
        il.Keep(bits);
        Constant(0x007FFFFF);
        Call("op_BitwiseAnd", ValueKind.I32);
        Constant(0x3F3504F3);
        Call("op_Addition", ValueKind.I32);
        Reinterpret(ValueKind.I32, ValueKind.F32);
        il.Keep(m);
        Constant(1f);
        Call("op_Subtraction");
        il.Load(m);
        Constant(1f);
        Call("op_Addition");
        Call("op_Division");
        il.Keep(s);
        il.Load(s);
        Call("op_Multiply");
        il.Store(z);
        Constant(PtxMath.Lg2C4);
        Horner(z, PtxMath.Lg2C3);
        Horner(z, PtxMath.Lg2C2);
        Horner(z, PtxMath.Lg2C1);
        Horner(z, PtxMath.Lg2C0);
        il.Load(s);
        il.Load(bits);
        il.Int(23);
        Call("op_RightShift", ValueKind.I32);
        il.Call(kit.Typed("ConvertToSingle", ValueKind.I32));
        il.Load(tiny);
        Constant(23f);
        il.Call(kit.Constant("Zero", ValueKind.F32));
        Select();
        Call("op_Subtraction");
        il.Call(kit.FusedMultiplyAdd(ValueKind.F32));
        il.Store(z);
        Choose("Equals", 0f, () => Constant(float.NegativeInfinity), () => il.Load(z));
        Choose("LessThan", float.PositiveInfinity, () => il.Load(z), () => il.Load(x));
        Choose("LessThan", 0f, () => Constant(float.NaN), () => il.Load(z));
        il.Load(z);
        foreach (LocalBuilder local in new[] { x, tiny, bits, m, s, z }) il.Release(local);

        void Choose(string comparison, float with, Action then, Action otherwise)
        {
            il.Load(x);
            Constant(with);
            il.Call(kit.Generic(comparison, ValueKind.F32, 2));
            then();
            otherwise();
            Select();
            il.Store(z);
        }
    }

    private void VectorTanh()
    {
        LocalBuilder x = NewVector(), z = NewVector(), near = NewVector(), magnitude = NewVector();
        il.Keep(x);
        il.Load(x);
        Call("op_Multiply");
        il.Store(z);
        Constant(PtxMath.TanhC11);
        Horner(z, PtxMath.TanhC9);
        Horner(z, PtxMath.TanhC7);
        Horner(z, PtxMath.TanhC5);
        Horner(z, PtxMath.TanhC3);
        il.Load(z);
        Call("op_Multiply");
        il.Load(x);
        il.Load(x);
        il.Call(kit.FusedMultiplyAdd(ValueKind.F32));
        il.Store(near);
        il.Load(x);
        il.Call(kit.Generic("Abs", ValueKind.F32, 1));
        il.Store(magnitude);
        il.Load(magnitude);
        Constant(PtxMath.TanhSplit);
        il.Call(kit.Generic("LessThan", ValueKind.F32, 2));
        il.Load(near);
        Constant(1f);
        Constant(2f);
        il.Load(magnitude);
        Constant(PtxMath.TwoLog2E);
        Call("op_Multiply");
        VectorEx2();
        Constant(1f);
        Call("op_Addition");
        Call("op_Division");
        Call("op_Subtraction");
        Reinterpret(ValueKind.F32, ValueKind.I32);
        il.Load(x);
        Reinterpret(ValueKind.F32, ValueKind.I32);
        Constant(int.MinValue);
        Call("op_BitwiseAnd", ValueKind.I32);
        Call("op_BitwiseOr", ValueKind.I32);
        Reinterpret(ValueKind.I32, ValueKind.F32);
        Select();
        foreach (LocalBuilder local in new[] { x, z, near, magnitude }) il.Release(local);
    }
}
