using MmKernels.Ptx;
using static MmKernels.Ptx.PtxOpcode;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Vector forms of the pure instructions.</summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Pushes a target's vector for a slice and part; false, with nothing emitted, where there is no vector form.</summary>
    private bool VectorOp(Instr i, int target, int slice, int part)
    {
        PtxOperation op = i.Operation;
        PtxType type = op.Type;
        if (op.CarryOut || i.Opcode is Addc or Subc or Madc) return false;
        if (i.Targets.Length > 1 && i.Opcode != Setp) return false;
        switch (i.Opcode)
        {
            case Mov when i.Values.Length == 1:
                LoadVector(i.Values[0], i.Targets[0]!.Kind, slice, part);
                return true;
            case Cvta: return VectorPointer(i, slice, part);
            case Selp: return VectorSelect(i, slice, part);
            case Setp: return VectorCompare(i, target, slice);
            case Cvt: return VectorConvert(i, slice, part);
        }
        if (type is PtxType.F32 or PtxType.F64) return VectorFloat(i, slice, part);
        return !type.IsFloat() && VectorInteger(i, slice, part);
    }

    /// <summary>The registers' kinds are those of the type, so that values need no conversion of width.</summary>
    private static bool Matches(Instr i, ValueKind kind)
        => i.Targets[0]!.Kind.Is64() == kind.Is64();

    private bool VectorInteger(Instr i, int slice, int part)
    {
        PtxOperation op = i.Operation;
        PtxType type = op.Type;
        bool signed = type.IsSigned(), narrow = type.Bits() < 32 && type != PtxType.Pred;
        ValueKind kind = ValueKinds.Of(type)!.Value;
        if (op.Sat) return false;
        if (op.Product == PtxProduct.Wide) return type.Bits() == 32 ? VectorWide(i, slice, part) : VectorWide16(i, slice);
        if (!Matches(i, kind)) return false;
        switch (i.Opcode)
        {
            case Add: Binary("op_Addition"); break;
            case Sub: Binary("op_Subtraction"); break;
            case And: Binary("op_BitwiseAnd"); break;
            case Or: Binary("op_BitwiseOr"); break;
            case Xor: Binary("op_ExclusiveOr"); break;
            case Mul when op.Product == PtxProduct.Lo: Binary("op_Multiply"); break;
            case Mad when op.Product == PtxProduct.Lo:
                Binary("op_Multiply");
                Operand(2);
                il.Call(kit.Operator("op_Addition", kind));
                break;
            case Mul when op.Product == PtxProduct.Hi && type.Bits() == 32: VectorMultiplyHigh(i, slice); break;
            case Neg: Operand(0); il.Call(kit.Operator("op_UnaryNegation", kind)); break;
            case Not: Operand(0); il.Call(kit.Operator("op_OnesComplement", kind)); break;
            case Abs: Operand(0); il.Call(kit.Generic("Abs", kind, 1)); break;
            case Min or Max:
                Operand(0);
                if (!signed) il.Call(kit.ToUnsigned(kind));
                Operand(1);
                if (!signed) il.Call(kit.ToUnsigned(kind));
                il.Call(signed ? kit.Generic(i.Opcode.ToString(), kind, 2) : kit.Unsigned(i.Opcode.ToString(), kind));
                if (!signed) il.Call(kit.FromUnsigned(kind));
                break;
            case Shl or Shr: return VectorShift(i, kind, slice, part);
            default: return false;
        }
        if (narrow) CutToShort(i.Targets[0]!);
        Reinterpret(kind, i.Targets[0]!.Kind);
        return true;

        void Operand(int v) => LoadTyped(i.Values[v], type, kind, slice, part);

        void Binary(string name)
        {
            Operand(0);
            Operand(1);
            il.Call(kit.Operator(name, kind));
        }
    }

    /// <summary>Pushes an operand; narrow types are extended as they say.</summary>
    private void LoadTyped(Arg value, PtxType type, ValueKind kind, int slice, int part)
    {
        LoadVector(value, kind, slice, part);
        int bits = type.Bits();
        if (bits >= 32 || type == PtxType.Pred) return;
        if (type.IsSigned()) ExtendSign(bits);
        else if (bits == 8 || value.Register is not { } register || register.Type.Bits() != 16) MaskLow(bits);
    }

    private void ExtendSign(int bits)
    {
        il.Int(32 - bits);
        il.Call(kit.Operator("op_LeftShift", ValueKind.I32));
        il.Int(32 - bits);
        il.Call(kit.Operator("op_RightShift", ValueKind.I32));
    }

    private void MaskLow(int bits)
    {
        il.Int((int)((1u << bits) - 1));
        il.Call(kit.Broadcast(ValueKind.I32));
        il.Call(kit.Operator("op_BitwiseAnd", ValueKind.I32));
    }

    /// <summary>16-bit results are zero-extended, whatever their sign.</summary>
    private void CutToShort(Reg target)
    {
        if (target.Type.Bits() <= 16) MaskLow(16);
    }

    private bool VectorShift(Instr i, ValueKind kind, int slice, int part)
    {
        PtxType type = i.Type;
        bool left = i.Opcode == Shl, signed = type.IsSigned();
        string name = left ? "op_LeftShift" : signed ? "op_RightShift" : "op_UnsignedRightShift";
        Arg count = i.Values[1];
        if (count.IsConstant)
        {
            ulong by = (uint)count.Bits;
            ulong most = (ulong)(kind.Is64() ? 64 : 32);
            LoadTyped(i.Values[0], type, kind, slice, part);
            il.Int((int)Math.Min(by, most - 1));
            il.Call(kit.Operator(name, kind));
            if (by >= most && !signed)
            {
                il.Int(1);
                il.Call(kit.Operator(name, kind));
            }
            if (by >= most && left && signed) throw new InvalidOperationException("shl has no signed types");
        }
        else
        {
            string variable = left ? "ShiftLeftLogicalVariable" : signed ? "ShiftRightArithmeticVariable" : "ShiftRightLogicalVariable";
            if (kit.VariableShift(variable, kind) is not { } method) return false;
            LoadTyped(i.Values[0], type, kind, slice, part);
            LoadVector(count, ValueKind.I32, slice);
            if (kind.Is64()) WidenUnsigned(part);
            il.Call(kit.ToUnsigned(kind.Integer()));
            il.Call(method);
        }
        if (type.Bits() == 16) CutToShort(i.Targets[0]!);
        Reinterpret(kind, i.Targets[0]!.Kind);
        return true;
    }

    /// <summary>32 · 32 → 64 bits, one half of the slice.</summary>
    private bool VectorWide(Instr i, int slice, int part)
    {
        if (i.Targets[0]!.Kind != ValueKind.I64) return false;
        for (int v = 0; v < 2; v++)
        {
            LoadVector(i.Values[v], ValueKind.I32, slice);
            if (i.Type.IsSigned()) WidenSigned(part);
            else WidenUnsigned(part);
        }
        il.Call(kit.Operator("op_Multiply", ValueKind.I64));
        if (i.Opcode != Mad) return true;
        LoadVector(i.Values[2], ValueKind.I64, slice, part);
        il.Call(kit.Operator("op_Addition", ValueKind.I64));
        return true;
    }

    private bool VectorWide16(Instr i, int slice)
    {
        LoadTyped(i.Values[0], i.Type, ValueKind.I32, slice, 0);
        LoadTyped(i.Values[1], i.Type, ValueKind.I32, slice, 0);
        il.Call(kit.Operator("op_Multiply", ValueKind.I32));
        if (i.Opcode != Mad) return true;
        LoadVector(i.Values[2], ValueKind.I32, slice);
        il.Call(kit.Operator("op_Addition", ValueKind.I32));
        return true;
    }

    private void VectorMultiplyHigh(Instr i, int slice)
    {
        for (int part = 0; part < 2; part++)
        {
            for (int v = 0; v < 2; v++)
            {
                LoadVector(i.Values[v], ValueKind.I32, slice);
                if (i.Type.IsSigned()) WidenSigned(part);
                else WidenUnsigned(part);
            }
            il.Call(kit.Operator("op_Multiply", ValueKind.I64));
            il.Int(32);
            il.Call(kit.Operator("op_UnsignedRightShift", ValueKind.I64));
        }
        il.Call(kit.Typed("Narrow", ValueKind.I64, kit.Vector(ValueKind.I64)));
    }

    private bool VectorPointer(Instr i, int slice, int part)
    {
        PtxSpace space = i.Operation.Space;
        if (i.Targets[0]!.Kind != ValueKind.I64 || space == PtxSpace.Local) return false;
        LoadVector(i.Values[0], ValueKind.I64, slice, part);
        string? window = space switch { PtxSpace.Shared => "Shared", PtxSpace.Param => "Parameters", _ => null };
        if (window is null) return true;
        Context(window);
        il.Emit(System.Reflection.Emit.OpCodes.Conv_I8);
        il.Call(kit.Broadcast(ValueKind.I64));
        il.Call(kit.Operator(i.Operation.To ? "op_Subtraction" : "op_Addition", ValueKind.I64));
        return true;
    }

    private bool VectorSelect(Instr i, int slice, int part)
    {
        ValueKind kind = i.Targets[0]!.Kind;
        LoadVector(i.Values[2], ValueKind.Pred, slice);
        if (kind.Is64()) WidenSigned(part);
        Reinterpret(kind.Is64() ? ValueKind.I64 : ValueKind.I32, kind);
        LoadVector(i.Values[0], kind, slice, part);
        LoadVector(i.Values[1], kind, slice, part);
        il.Call(kit.Generic("ConditionalSelect", kind, 3));
        // Sixteen-bit registers hold zeros above; a negative constant does not.
        if (i.Targets[0]!.Type.Bits() == 16 && (i.Values[0].IsConstant || i.Values[1].IsConstant)) MaskLow(16);
        return true;
    }

    private bool VectorCompare(Instr i, int target, int slice)
    {
        PtxOperation op = i.Operation;
        if (op.Type is PtxType.F16 or PtxType.BF16 or PtxType.F16x2 or PtxType.BF16x2) return false;
        ValueKind kind = ValueKinds.Of(op.Type)!.Value;
        CompareLanes(i, kind, slice, 0);
        if (kind.Is64())
        {
            Reinterpret(kind, ValueKind.I64);
            CompareLanes(i, kind, slice, 1);
            Reinterpret(kind, ValueKind.I64);
            il.Call(kit.Typed("Narrow", ValueKind.I64, kit.Vector(ValueKind.I64)));
        }
        else Reinterpret(kind, ValueKind.I32);
        if (target == 1) il.Call(kit.Operator("op_OnesComplement", ValueKind.Pred));
        if (i.Values.Length < 3) return true;
        LoadVector(i.Values[2], ValueKind.Pred, slice);
        il.Call(kit.Operator(op.Reduction switch { PtxReduction.And => "op_BitwiseAnd", PtxReduction.Or => "op_BitwiseOr", _ => "op_ExclusiveOr" }, ValueKind.Pred));
        return true;
    }

    private void CompareLanes(Instr i, ValueKind kind, int slice, int part)
    {
        PtxOperation op = i.Operation;
        PtxType type = op.Type;
        bool unsigned = !type.IsFloat() && (!type.IsSigned() || op.Compare is PtxCompare.Lo or PtxCompare.Ls or PtxCompare.Hi or PtxCompare.Hs);
        (string name, bool negated) = op.Compare switch
        {
            PtxCompare.Eq => ("Equals", false),
            PtxCompare.Neu => ("Equals", true),
            PtxCompare.Ne when !type.IsFloat() => ("Equals", true),
            PtxCompare.Lt or PtxCompare.Lo => ("LessThan", false),
            PtxCompare.Le or PtxCompare.Ls => ("LessThanOrEqual", false),
            PtxCompare.Gt or PtxCompare.Hi => ("GreaterThan", false),
            PtxCompare.Ge or PtxCompare.Hs => ("GreaterThanOrEqual", false),
            PtxCompare.Ltu => ("GreaterThanOrEqual", true),
            PtxCompare.Leu => ("GreaterThan", true),
            PtxCompare.Gtu => ("LessThanOrEqual", true),
            PtxCompare.Geu => ("LessThan", true),
            PtxCompare.Ne or PtxCompare.Equ => ("", op.Compare == PtxCompare.Equ),
            _ => ("Ordered", op.Compare == PtxCompare.Nan),
        };
        if (name is "")
        {
            // Neither less nor greater: equal or not ordered.
            Pair("LessThan");
            Pair("GreaterThan");
            il.Call(kit.Operator("op_BitwiseOr", kind));
        }
        else if (name is "Ordered")
        {
            Same(0);
            Same(1);
            il.Call(kit.Operator("op_BitwiseAnd", kind));
        }
        else Pair(name);
        if (negated) il.Call(kit.Operator("op_OnesComplement", kind));

        void Operand(int v)
        {
            LoadTyped(i.Values[v], type, kind, slice, part);
            if (op.Ftz) FlushVector();
        }

        void Same(int v)
        {
            Operand(v);
            Operand(v);
            il.Call(kit.Generic("Equals", kind, 2));
        }

        void Pair(string comparison)
        {
            Operand(0);
            bool reinterpret = unsigned && comparison != "Equals" && type.Bits() >= 32;
            if (reinterpret) il.Call(kit.ToUnsigned(kind));
            Operand(1);
            if (reinterpret) il.Call(kit.ToUnsigned(kind));
            il.Call(reinterpret ? kit.Unsigned(comparison, kind) : kit.Generic(comparison, kind, 2));
            if (reinterpret) il.Call(kit.FromUnsigned(kind));
        }
    }
}
