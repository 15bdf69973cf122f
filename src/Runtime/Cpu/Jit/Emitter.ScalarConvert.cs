using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Scalar comparisons, conversions, pointers and special registers.</summary>
internal sealed unsafe partial class Emitter
{
    private bool ScalarCompare(Instr i, int target, int slice)
    {
        PtxOperation op = i.Operation;
        PtxType type = i.Opcode == PtxOpcode.Set ? op.SourceType : op.Type;
        if (type is PtxType.F16 or PtxType.BF16 or PtxType.F16x2 or PtxType.BF16x2) return false;
        if (i.Opcode == PtxOpcode.Set && (op.Type.Bits() != 32 || i.Values.Length > 2)) return false;
        if (type.IsFloat()) CompareFloats(i, type, slice);
        else CompareIntegers(i, type, slice);
        if (i.Opcode == PtxOpcode.Set)
        {
            if (op.Type == PtxType.F32) il.Emit(OpCodes.Conv_R4);
            else il.Emit(OpCodes.Neg);
            ConvertScalar(op.Type == PtxType.F32 ? ValueKind.F32 : ValueKind.I32, i.Targets[0]!.Kind);
            return true;
        }
        if (target == 1) Invert();
        if (i.Values.Length == 3)
        {
            LoadScalar(i.Values[2], ValueKind.Pred, slice);
            il.Emit(op.Reduction switch { PtxReduction.And => OpCodes.And, PtxReduction.Or => OpCodes.Or, _ => OpCodes.Xor });
        }
        return true;
    }

    private void CompareIntegers(Instr i, PtxType type, int slice)
    {
        LoadInteger(i.Values[0], type, slice);
        LoadInteger(i.Values[1], type, slice);
        PtxCompare compare = i.Operation.Compare;
        bool signed = type.IsSigned() && compare is not (PtxCompare.Lo or PtxCompare.Ls or PtxCompare.Hi or PtxCompare.Hs);
        switch (compare)
        {
            case PtxCompare.Eq: il.Emit(OpCodes.Ceq); break;
            case PtxCompare.Ne: il.Emit(OpCodes.Ceq); Invert(); break;
            case PtxCompare.Lt or PtxCompare.Lo: il.Emit(signed ? OpCodes.Clt : OpCodes.Clt_Un); break;
            case PtxCompare.Gt or PtxCompare.Hi: il.Emit(signed ? OpCodes.Cgt : OpCodes.Cgt_Un); break;
            case PtxCompare.Le or PtxCompare.Ls: il.Emit(signed ? OpCodes.Cgt : OpCodes.Cgt_Un); Invert(); break;
            default: il.Emit(signed ? OpCodes.Clt : OpCodes.Clt_Un); Invert(); break;
        }
    }

    private void CompareFloats(Instr i, PtxType type, int slice)
    {
        ValueKind kind = ValueKinds.Of(type)!.Value;
        switch (i.Operation.Compare)
        {
            case PtxCompare.Eq: Pair(); il.Emit(OpCodes.Ceq); break;
            case PtxCompare.Neu: Pair(); il.Emit(OpCodes.Ceq); Invert(); break;
            case PtxCompare.Lt: Pair(); il.Emit(OpCodes.Clt); break;
            case PtxCompare.Gt: Pair(); il.Emit(OpCodes.Cgt); break;
            case PtxCompare.Le: Pair(); il.Emit(OpCodes.Cgt_Un); Invert(); break;
            case PtxCompare.Ge: Pair(); il.Emit(OpCodes.Clt_Un); Invert(); break;
            case PtxCompare.Ltu: Pair(); il.Emit(OpCodes.Clt_Un); break;
            case PtxCompare.Gtu: Pair(); il.Emit(OpCodes.Cgt_Un); break;
            case PtxCompare.Leu: Pair(); il.Emit(OpCodes.Cgt); Invert(); break;
            case PtxCompare.Geu: Pair(); il.Emit(OpCodes.Clt); Invert(); break;
            case PtxCompare.Ne: Parted(); break;
            case PtxCompare.Equ: Parted(); Invert(); break;
            case PtxCompare.Num: Ordered(); break;
            default: Ordered(); Invert(); break;
        }

        void Load(int v)
        {
            LoadScalar(i.Values[v], kind, slice);
            if (i.Operation.Ftz) il.Call(ScalarMath.Method("Flush"));
        }

        void Pair()
        {
            Load(0);
            Load(1);
        }

        void Parted()
        {
            Pair();
            il.Emit(OpCodes.Clt);
            Pair();
            il.Emit(OpCodes.Cgt);
            il.Emit(OpCodes.Or);
        }

        void Ordered()
        {
            for (int v = 0; v < 2; v++)
            {
                Load(v);
                Load(v);
                il.Emit(OpCodes.Ceq);
            }
            il.Emit(OpCodes.And);
        }
    }

    private bool ScalarConvert(Instr i, int slice)
    {
        PtxOperation op = i.Operation;
        PtxType to = op.Type, from = op.SourceType;
        Reg target = i.Targets[0]!;
        if (op.Relu || (op.Sat && to != PtxType.F32)) return false;
        if (!to.IsFloat() && !from.IsFloat())
        {
            if (to.Bits() == 64 && from.Bits() == 32) LoadWidened(i, i.Values[0], from, slice);
            else
            {
                LoadInteger(i.Values[0], from, slice);
                if (to.Bits() == 64 && from.Bits() < 64) il.Emit(from.IsSigned() ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
                else if (to.Bits() < 64 && from.Bits() == 64) il.Emit(OpCodes.Conv_I4);
            }
            Fit(to, target);
            return true;
        }
        string? method = Conversion(op);
        OpCode? step = null;
        if (method is null)
        {
            bool nearest = op.Rounding is PtxRounding.None or PtxRounding.Rn;
            if (to == PtxType.F32 && nearest && from is PtxType.S8 or PtxType.U8 or PtxType.S16 or PtxType.U16 or PtxType.S32 or PtxType.S64 or PtxType.F64) step = OpCodes.Conv_R4;
            else if (to == PtxType.F64 && nearest && from is PtxType.S8 or PtxType.U8 or PtxType.S16 or PtxType.U16 or PtxType.S32 or PtxType.S64 or PtxType.F32) step = OpCodes.Conv_R8;
            else if (!(to == from && to == PtxType.F32 && op.Rounding == PtxRounding.None)) return false;
        }
        if (to is PtxType.F16x2 or PtxType.BF16x2) return ScalarPack(i, method!, slice);
        if (from.IsFloat()) LoadScalar(i.Values[0], ValueKinds.Of(from)!.Value, slice);
        else LoadInteger(i.Values[0], from, slice);
        if (op.Ftz && from == PtxType.F32) il.Call(ScalarMath.Method("Flush"));
        if (method is not null) il.Call(ScalarMath.Method(method));
        else if (step is { } code) il.Emit(code);
        if (op.Sat) il.Call(ScalarMath.Method("SaturateF32"));
        if (op.Ftz && to == PtxType.F32) il.Call(ScalarMath.Method("Flush"));
        Fit(to, target);
        return true;
    }

    /// <summary>The helper that converts, or null.</summary>
    private static string? Conversion(PtxOperation op)
    {
        bool nearest = op.Rounding is PtxRounding.None or PtxRounding.Rn;
        return (op.Type, op.SourceType, op.Rounding) switch
        {
            (PtxType.F32, PtxType.U32, _) when nearest => "U32ToFloat",
            (PtxType.F32, PtxType.U64, _) when nearest => "U64ToFloat",
            (PtxType.F64, PtxType.U32, _) => "U32ToDouble",
            (PtxType.F64, PtxType.U64, _) when nearest => "U64ToDouble",
            (PtxType.F32, PtxType.F16, _) => "HalfToFloat",
            (PtxType.F32, PtxType.BF16, _) => "BrainToFloat",
            (PtxType.F16 or PtxType.F16x2, PtxType.F32, PtxRounding.Rn) => "FloatToHalf",
            (PtxType.BF16 or PtxType.BF16x2, PtxType.F32, PtxRounding.Rn) => "FloatToBrain",
            (PtxType.S32, PtxType.F32, PtxRounding.Rzi) => "TruncateS32",
            (PtxType.U32, PtxType.F32, PtxRounding.Rzi) => "TruncateU32",
            (PtxType.S32, PtxType.F32, PtxRounding.Rni) => "RoundS32",
            (PtxType.S32, PtxType.F32, PtxRounding.Rmi) => "FloorS32",
            (PtxType.S32, PtxType.F32, PtxRounding.Rpi) => "CeilingS32",
            (PtxType.F32, PtxType.F32, PtxRounding.Rni) => "RoundF32",
            (PtxType.F32, PtxType.F32, PtxRounding.Rzi) => "TruncateF32",
            (PtxType.F32, PtxType.F32, PtxRounding.Rmi) => "FloorF32",
            (PtxType.F32, PtxType.F32, PtxRounding.Rpi) => "CeilingF32",
            _ => null,
        };
    }

    /// <summary>Two floats to two halves: the first operand becomes the upper one.</summary>
    private bool ScalarPack(Instr i, string method, int slice)
    {
        for (int v = 0; v < 2; v++)
        {
            LoadScalar(i.Values[v], ValueKind.F32, slice);
            il.Call(ScalarMath.Method(method));
            if (v > 0) continue;
            il.Int(16);
            il.Emit(OpCodes.Shl);
        }
        il.Emit(OpCodes.Or);
        return true;
    }

    /// <summary>Generic addresses are host addresses; those of shared and local memory are offsets.</summary>
    private bool ScalarPointer(Instr i, int slice)
    {
        PtxSpace space = i.Operation.Space;
        LoadScalar(i.Values[0], ValueKind.I64, slice);
        string? window = space switch { PtxSpace.Shared => "Shared", PtxSpace.Local => "Local", PtxSpace.Param => "Parameters", _ => null };
        if (window is null) return FitPointer(i);
        Context(window);
        if (space == PtxSpace.Local)
        {
            LoadThread(slice);
            il.Int(plan.LocalBytes);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Add);
        }
        il.Emit(OpCodes.Conv_I8);
        il.Emit(i.Operation.To ? OpCodes.Sub : OpCodes.Add);
        return FitPointer(i);
    }

    private bool FitPointer(Instr i)
    {
        ConvertScalar(ValueKind.I64, i.Targets[0]!.Kind);
        return true;
    }

    /// <summary>Pushes the linear index of a slice's first thread, or inside a lane loop of the lane.</summary>
    private void LoadThread(int slice)
    {
        il.Load(firstThread);
        if (slice > 0)
        {
            il.Int(slice * lanes);
            il.Emit(OpCodes.Add);
        }
        if (laneLoop is null) return;
        il.Load(laneLoop.Index);
        il.Emit(OpCodes.Add);
    }

    private void LoadSpecial(PtxSpecialRegister special, ValueKind kind, int slice)
    {
        switch (special)
        {
            case PtxSpecialRegister.TidX when plan.Form.OneDimensional: LoadThread(slice); break;
            case PtxSpecialRegister.TidY or PtxSpecialRegister.TidZ when plan.Form.OneDimensional: il.Int(0); break;
            case PtxSpecialRegister.TidX or PtxSpecialRegister.TidY or PtxSpecialRegister.TidZ:
                LoadThreadTable(special, slice);
                il.Emit(OpCodes.Ldind_I4);
                break;
            case PtxSpecialRegister.NtidX or PtxSpecialRegister.NtidY or PtxSpecialRegister.NtidZ when plan.Code.Function.RequiredThreads is { } threads:
                il.Int(threads[special - PtxSpecialRegister.NtidX]);
                break;
            case >= PtxSpecialRegister.NtidX and <= PtxSpecialRegister.NctaidZ: Context(special.ToString()); break;
            case PtxSpecialRegister.LaneId:
                LoadThread(slice);
                il.Int(31);
                il.Emit(OpCodes.And);
                break;
            case PtxSpecialRegister.WarpId:
                LoadThread(slice);
                il.Int(5);
                il.Emit(OpCodes.Shr);
                break;
            case PtxSpecialRegister.WarpSize: il.Int(32); break;
            case PtxSpecialRegister.DynamicSmemSize: Context(nameof(LaunchContext.DynamicSharedBytes)); break;
            case PtxSpecialRegister.TotalSmemSize: Context(nameof(LaunchContext.SharedBytes)); break;
            case >= PtxSpecialRegister.LanemaskEq and <= PtxSpecialRegister.LanemaskGe: LoadLanemask(special, slice); break;
            case PtxSpecialRegister.SmId or PtxSpecialRegister.GridId: il.Int(0); break;
            case PtxSpecialRegister.NsmId: il.Int(1); break;
            case PtxSpecialRegister.NwarpId:
                Context(nameof(LaunchContext.NtidX));
                Context(nameof(LaunchContext.NtidY));
                il.Emit(OpCodes.Mul);
                Context(nameof(LaunchContext.NtidZ));
                il.Emit(OpCodes.Mul);
                il.Int(31);
                il.Emit(OpCodes.Add);
                il.Int(5);
                il.Emit(OpCodes.Shr);
                break;
            case PtxSpecialRegister.Clock or PtxSpecialRegister.ClockHi or PtxSpecialRegister.GlobalTimerLo or PtxSpecialRegister.GlobalTimerHi:
                il.Call(ScalarMath.Method(nameof(ScalarMath.Clock)));
                break;
            case PtxSpecialRegister.Clock64 or PtxSpecialRegister.GlobalTimer:
                il.Call(ScalarMath.Method(nameof(ScalarMath.Clock64)));
                ConvertScalar(ValueKind.I64, kind);
                return;
            default: throw new NotCompilableException(line, $"the special register {special.Name()}");
        }
        if (kind.Is64()) il.Emit(OpCodes.Conv_U8);
        ConvertScalar(kind.Is64() ? ValueKind.I64 : ValueKind.I32, kind);
    }

    /// <summary>Lane masks as scalars, inside lane loops.</summary>
    private void LoadLanemask(PtxSpecialRegister special, int slice)
    {
        LoadThread(slice);
        il.Call(ScalarMath.Method(special.ToString()));
    }

    /// <summary>Loads the address of a slice's first thread in the table of thread indices.</summary>
    private void LoadThreadTable(PtxSpecialRegister special, int slice)
    {
        Context(special.ToString());
        LoadThread(slice);
        il.Int(4);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
    }

    /// <summary>Special registers that differ from lane to lane without a pattern.</summary>
    private void LoadVaryingSpecial(PtxSpecialRegister special, int slice)
    {
        if (special <= PtxSpecialRegister.TidZ)
        {
            LoadThreadTable(special, slice);
            il.LoadObject(kit.Vector(ValueKind.I32));
            return;
        }
        // 1 << lane, then its neighbours.
        LoadLaneBits();
        LoadThread(slice);
        il.Int(31);
        il.Emit(OpCodes.And);
        il.Call(kit.Operator("op_LeftShift", ValueKind.I32));
        if (special == PtxSpecialRegister.LanemaskEq) return;
        if (special is PtxSpecialRegister.LanemaskLe or PtxSpecialRegister.LanemaskGt)
        {
            il.Int(1);
            il.Call(kit.Operator("op_LeftShift", ValueKind.I32));
        }
        il.Int(1);
        il.Call(kit.Broadcast(ValueKind.I32));
        il.Call(kit.Operator("op_Subtraction", ValueKind.I32));
        if (special is PtxSpecialRegister.LanemaskGe or PtxSpecialRegister.LanemaskGt) il.Call(kit.Operator("op_OnesComplement", ValueKind.I32));
    }

    private void LoadSymbol(PtxVariable symbol, long offset, ValueKind kind)
    {
        if (plan.Layout.Window(symbol, line, out long place) == PtxSpace.Global)
        {
            Context(nameof(LaunchContext.Globals));
            il.Displace(place + offset);
            il.Emit(OpCodes.Conv_I8);
            ConvertScalar(ValueKind.I64, kind);
        }
        else LoadInteger(place + offset, kind);
    }
}
