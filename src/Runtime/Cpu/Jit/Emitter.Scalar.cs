using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Ptx;
using static MmKernels.Ptx.PtxOpcode;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Scalar forms of the pure instructions: for uniform and affine registers, and inside lane loops.</summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Pushes a target's value computed from scalars; false, with nothing emitted, where there is no scalar form.</summary>
    private bool ScalarOp(Instr i, int target, int slice)
    {
        PtxOperation op = i.Operation;
        PtxType type = op.Type;
        if (op.CarryOut || i.Opcode is Addc or Subc or Madc) return false;
        if (i.Targets.Length > 1 && i.Opcode != Setp) return false;
        if (type is PtxType.F16 or PtxType.BF16 or PtxType.F16x2 or PtxType.BF16x2 && i.Opcode is not (Cvt or Mov or Selp)) return false;
        if (type.IsFloat() && op.Rounding is not (PtxRounding.None or PtxRounding.Rn) && i.Opcode != Cvt) return false;
        switch (i.Opcode)
        {
            case Mov when i.Values.Length == 1: return ScalarMove(i, slice);
            case Cvta: return ScalarPointer(i, slice);
            case Setp or Set: return ScalarCompare(i, target, slice);
            case Isspacep:
                LoadScalar(i.Values[0], ValueKind.I64, slice);
                il.Int((int)op.Space);
                il.Argument(0);
                il.Call(ScalarMath.Method(nameof(ScalarMath.IsInSpace)));
                return true;
            case Selp: return ScalarSelect(i, slice);
            case Cvt: return ScalarConvert(i, slice);
        }
        return type.IsFloat() ? ScalarFloat(i, slice) : ScalarInteger(i, slice);
    }

    /// <summary>Pushes an integer operand as its type reads it: narrow types are extended to 32 bits.</summary>
    private void LoadInteger(Arg value, PtxType type, int slice)
    {
        LoadScalar(value, ValueKinds.Of(type)!.Value, slice);
        Extend(type);
    }

    private void Extend(PtxType type)
    {
        switch (type)
        {
            case PtxType.S8: il.Emit(OpCodes.Conv_I1); break;
            case PtxType.U8 or PtxType.B8: il.Emit(OpCodes.Conv_U1); break;
            case PtxType.S16: il.Emit(OpCodes.Conv_I2); break;
            case PtxType.U16 or PtxType.B16: il.Emit(OpCodes.Conv_U2); break;
        }
    }

    /// <summary>Brings a result of a type into its register: narrow values are extended by their sign, then cut to the register.</summary>
    private void Fit(PtxType type, Reg target)
    {
        ValueKind kind = ValueKinds.Of(type)!.Value;
        if (type.Bits() < 32 && type != PtxType.Pred) Extend(type);
        if (!kind.Is64() && target.Kind.Is64())
        {
            ConvertScalar(kind, ValueKind.I32);
            il.Emit(type.IsSigned() ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
            ConvertScalar(ValueKind.I64, target.Kind);
            return;
        }
        ConvertScalar(kind, target.Kind);
        if (target.Type.Bits() == 16 && (type.IsSigned() || type.Bits() > 16)) il.Emit(OpCodes.Conv_U2);
    }

    private bool ScalarMove(Instr i, int slice)
    {
        LoadScalar(i.Values[0], i.Targets[0]!.Kind, slice);
        if (i.Targets[0]!.Type.Bits() == 16 && i.Values[0].IsConstant) il.Emit(OpCodes.Conv_U2);
        return true;
    }

    private bool ScalarInteger(Instr i, int slice)
    {
        PtxOperation op = i.Operation;
        PtxType type = op.Type;
        bool wide = type.Bits() == 64, signed = type.IsSigned();
        if (op.Sat) return false;
        string suffix = (signed ? "S" : "U") + (wide ? "64" : "32");
        switch (i.Opcode)
        {
            case Add: Binary(OpCodes.Add); break;
            case Sub: Binary(OpCodes.Sub); break;
            case And: Binary(OpCodes.And); break;
            case Or: Binary(OpCodes.Or); break;
            case Xor: Binary(OpCodes.Xor); break;
            case Mul when op.Product == PtxProduct.Lo: Binary(OpCodes.Mul); break;
            case Mul or Mad when op.Product == PtxProduct.Wide: return ScalarWide(i, slice);
            case Mul when type.Bits() >= 32: Binary(ScalarMath.Method("MulHi" + suffix)); break;
            case Mad when op.Product == PtxProduct.Lo:
                Binary(OpCodes.Mul);
                LoadInteger(i.Values[2], type, slice);
                il.Emit(OpCodes.Add);
                break;
            case Mad when type.Bits() >= 32:
                Binary(ScalarMath.Method("MulHi" + suffix));
                LoadInteger(i.Values[2], type, slice);
                il.Emit(OpCodes.Add);
                break;
            case Div: Binary(ScalarMath.Method("Div" + suffix)); break;
            case Rem: Binary(ScalarMath.Method("Rem" + suffix)); break;
            case Min: Binary(ScalarMath.Method("Min" + suffix)); break;
            case Max: Binary(ScalarMath.Method("Max" + suffix)); break;
            case Neg: Unary(OpCodes.Neg); break;
            case Not when type == PtxType.Pred:
                LoadScalar(i.Values[0], ValueKind.Pred, slice);
                Invert();
                break;
            case Not: Unary(OpCodes.Not); break;
            case Abs: Unary(ScalarMath.Method(wide ? "AbsS64" : "AbsS32")); break;
            case Popc or Clz:
                Unary(ScalarMath.Method(i.Opcode + (wide ? "64" : "32")));
                Fit(PtxType.U32, i.Targets[0]!);
                return true;
            case Shl or Shr: ScalarShift(i, slice); break;
            default: return false;
        }
        Fit(type, i.Targets[0]!);
        return true;

        void Unary(object step)
        {
            LoadInteger(i.Values[0], type, slice);
            Step(step);
        }

        void Binary(object step)
        {
            LoadInteger(i.Values[0], type, slice);
            LoadInteger(i.Values[1], type, slice);
            Step(step);
        }
    }

    private void Step(object step)
    {
        if (step is OpCode code) il.Emit(code);
        else il.Call((MethodInfo)step);
    }

    private bool ScalarWide(Instr i, int slice)
    {
        PtxType type = i.Type;
        if (type.Bits() == 16)
        {
            LoadInteger(i.Values[0], type, slice);
            LoadInteger(i.Values[1], type, slice);
            il.Emit(OpCodes.Mul);
        }
        else
        {
            for (int v = 0; v < 2; v++) LoadWidened(i, i.Values[v], type, slice);
            il.Emit(OpCodes.Mul);
        }
        if (i.Opcode == Mad)
        {
            LoadScalar(i.Values[2], type.Bits() == 16 ? ValueKind.I32 : ValueKind.I64, slice);
            il.Emit(OpCodes.Add);
        }
        return true;
    }

    /// <summary>Pushes a 32-bit value as 64 bits; the base of an affine one is checked for lanes that wrap around.</summary>
    private void LoadWidened(Instr i, Arg value, PtxType type, int slice)
    {
        LoadScalar(value, ValueKind.I32, slice);
        Shape shape = ShapeOf(value);
        if (laneLoop is null && shape.Stride != 0 && value.Special is null) CheckWrap(i, shape, type.IsSigned(), slice);
        else il.Emit(type.IsSigned() ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
    }

    private void ScalarShift(Instr i, int slice)
    {
        PtxType type = i.Type;
        bool left = i.Opcode == Shl, wide = type.Bits() == 64;
        LoadInteger(i.Values[0], type, slice);
        if (i.Values[1].IsConstant && i.Values[1].Bits < (ulong)type.Bits())
        {
            il.Int((int)i.Values[1].Bits);
            il.Emit(left ? OpCodes.Shl : type.IsSigned() ? OpCodes.Shr : OpCodes.Shr_Un);
            return;
        }
        // A 16-bit value moves inside 32 bits: longer shifts have the same effect.
        LoadScalar(i.Values[1], ValueKind.I32, slice);
        il.Call(ScalarMath.Method((left ? "Shl" : type.IsSigned() ? "ShrS" : "ShrU") + (wide ? "64" : "32")));
    }

    private bool ScalarFloat(Instr i, int slice)
    {
        PtxOperation op = i.Operation;
        bool wide = op.Type == PtxType.F64;
        ValueKind kind = wide ? ValueKind.F64 : ValueKind.F32;
        string suffix = wide ? "F64" : "F32";
        if (op.Relu || op.Has("xorsign.abs") || (wide && op.Sat)) return false;
        switch (i.Opcode)
        {
            case Add: Load(2); il.Emit(OpCodes.Add); break;
            case Sub: Load(2); il.Emit(OpCodes.Sub); break;
            case Mul: Load(2); il.Emit(OpCodes.Mul); break;
            case Div: Load(2); il.Emit(OpCodes.Div); break;
            case Fma or Mad: Load(3); il.Call(fusedMultiplyAdd[wide ? 1 : 0]); break;
            case Neg: Load(1); il.Emit(OpCodes.Neg); break;
            case Abs: Load(1); il.Call(absolute[wide ? 1 : 0]); break;
            case Min or Max when !op.NaN: Load(2); il.Call(ScalarMath.Method(i.Opcode + suffix)); break;
            case Sqrt: Load(1); il.Call(squareRoot[wide ? 1 : 0]); break;
            case Rcp when !wide: Load(1); il.Call(ScalarMath.Method("Rcp")); break;
            case Rsqrt or Ex2 or Lg2 or Sin or Cos or Tanh when !wide: Load(1); il.Call(ScalarMath.Method(i.Opcode.ToString())); break;
            case Testp when !wide && op.Mode is PtxMode.Finite or PtxMode.Infinite or PtxMode.NotANumber:
                Load(1);
                il.Call(ScalarMath.Method(op.Mode switch { PtxMode.Finite => "TestFinite", PtxMode.Infinite => "TestInfinite", _ => "TestNaN" }));
                return true;
            case Copysign when !wide: Load(2); il.Call(ScalarMath.Method("CopySign")); break;
            default: return false;
        }
        if (op.Sat) il.Call(ScalarMath.Method("SaturateF32"));
        if (op.Ftz) il.Call(ScalarMath.Method("Flush"));
        ConvertScalar(kind, i.Targets[0]!.Kind);
        return true;

        void Load(int count)
        {
            for (int v = 0; v < count; v++)
            {
                LoadScalar(i.Values[v], kind, slice);
                if (op.Ftz) il.Call(ScalarMath.Method("Flush"));
            }
        }
    }

    private static readonly MethodInfo[] fusedMultiplyAdd = [((Func<float, float, float, float>)MathF.FusedMultiplyAdd).Method, ((Func<double, double, double, double>)Math.FusedMultiplyAdd).Method];
    private static readonly MethodInfo[] absolute = [((Func<float, float>)MathF.Abs).Method, ((Func<double, double>)Math.Abs).Method];
    private static readonly MethodInfo[] squareRoot = [((Func<float, float>)MathF.Sqrt).Method, ((Func<double, double>)Math.Sqrt).Method];

    private bool ScalarSelect(Instr i, int slice)
    {
        Label other = il.NewLabel(), end = il.NewLabel();
        ValueKind kind = i.Targets[0]!.Kind;
        // The branches leave one value on the stack on either way, so they meet through a local.
        LocalBuilder result = il.NewLocal(SimdKit.Element(kind));
        LoadScalar(i.Values[2], ValueKind.Pred, slice);
        il.Branch(OpCodes.Brfalse, other);
        LoadScalar(i.Values[0], kind, slice);
        il.Store(result);
        il.Branch(OpCodes.Br, end);
        il.Mark(other);
        LoadScalar(i.Values[1], kind, slice);
        il.Store(result);
        il.Mark(end);
        il.Load(result);
        il.Release(result);
        if (i.Targets[0]!.Type.Bits() == 16) il.Emit(OpCodes.Conv_U2);
        return true;
    }
}
