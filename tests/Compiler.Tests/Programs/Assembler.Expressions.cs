using System.Numerics;
using System.Reflection.Emit;
using MmKernels.Dialect;

namespace MmKernels.Tests.Programs;

/// <summary>This file: expressions.</summary>
internal sealed partial class Assembler
{
    private void Emit(Expression e)
    {
        switch (e.Kind)
        {
            case Kind.Constant: Constant(e); return;
            case Kind.Variable: il.Emit(OpCodes.Ldloc, Local(e.Type, e.Number)); return;
            case Kind.AndAlso or Kind.OrElse: ShortCircuit(e); return;
            case Kind.Element:
                Place(e);
                il.Emit(onDevice ? OpCodes.Ldobj : OpCodes.Ldelem, e.Type.Clr());
                return;
            case Kind.Field:
                il.Emit(OpCodes.Ldloc, mixes[e.Number / 3]);
                il.Emit(OpCodes.Ldfld, Field(e));
                return;
            case Kind.Choose:
                Label no = il.DefineLabel(), done = il.DefineLabel();
                Emit(e.Args[0]);
                il.Emit(OpCodes.Brfalse, no);
                Emit(e.Args[1]);
                il.Emit(OpCodes.Br, done);
                il.MarkLabel(no);
                Emit(e.Args[2]);
                il.MarkLabel(done);
                return;
        }
        foreach (Expression arg in e.Args) Emit(arg);
        Operation(e);
    }

    /// <summary>A reference to an element; on the host the array and the index.</summary>
    private void Place(Expression e)
    {
        byte argument = (byte)(2 + e.Number);
        il.Emit(onDevice ? OpCodes.Ldarga_S : OpCodes.Ldarg_S, argument);
        Emit(e.Args[0]);
        il.Emit(OpCodes.Ldc_I4, Arrays.Length - 1);
        il.Emit(OpCodes.And);
        if (onDevice) il.Emit(OpCodes.Call, Item(e.Type));
    }

    private void Constant(Expression e)
    {
        switch (e.Type)
        {
            case Type.Float or Type.Half or Type.Brain:
                il.Emit(OpCodes.Ldc_R4, BitConverter.Int32BitsToSingle((int)e.Number));
                if (e.Type != Type.Float) Convert(Type.Float, e.Type);
                break;
            case Type.Double: il.Emit(OpCodes.Ldc_R8, BitConverter.Int64BitsToDouble(e.Number)); break;
            case Type.Long or Type.ULong: il.Emit(OpCodes.Ldc_I8, e.Number); break;
            default: il.Emit(OpCodes.Ldc_I4, (int)e.Number); break;
        }
    }

    private void ShortCircuit(Expression e)
    {
        Label known = il.DefineLabel(), done = il.DefineLabel();
        Emit(e.Args[0]);
        il.Emit(e.Kind == Kind.AndAlso ? OpCodes.Brfalse : OpCodes.Brtrue, known);
        Emit(e.Args[1]);
        il.Emit(OpCodes.Br, done);
        il.MarkLabel(known);
        il.Emit(e.Kind == Kind.AndAlso ? OpCodes.Ldc_I4_0 : OpCodes.Ldc_I4_1);
        il.MarkLabel(done);
    }

    private void Operation(Expression e)
    {
        Type of = e.Args[0].Type;
        bool unsigned = of.IsUnsigned(), isReal = of.IsReal();
        switch (e.Kind)
        {
            case Kind.Add: il.Emit(OpCodes.Add); break;
            case Kind.Sub: il.Emit(OpCodes.Sub); break;
            case Kind.Mul: il.Emit(OpCodes.Mul); break;
            case Kind.Div: il.Emit(unsigned ? OpCodes.Div_Un : OpCodes.Div); break;
            case Kind.Rem: il.Emit(unsigned ? OpCodes.Rem_Un : OpCodes.Rem); break;
            case Kind.And: il.Emit(OpCodes.And); break;
            case Kind.Or: il.Emit(OpCodes.Or); break;
            case Kind.Xor: il.Emit(OpCodes.Xor); break;
            case Kind.Shl or Kind.Shr or Kind.ShrUnsigned:
                il.Emit(OpCodes.Ldc_I4, of is Type.Long or Type.ULong ? 63 : 31);
                il.Emit(OpCodes.And);
                il.Emit(e.Kind == Kind.Shl ? OpCodes.Shl : unsigned || e.Kind == Kind.ShrUnsigned ? OpCodes.Shr_Un : OpCodes.Shr);
                break;
            case Kind.Neg: il.Emit(OpCodes.Neg); break;
            case Kind.Not when of == Type.Bool: Against(OpCodes.Ceq); break;
            case Kind.Not: il.Emit(OpCodes.Not); break;
            case Kind.Lt: il.Emit(unsigned ? OpCodes.Clt_Un : OpCodes.Clt); break;
            case Kind.Gt: il.Emit(unsigned ? OpCodes.Cgt_Un : OpCodes.Cgt); break;
            // C# writes !(a > b) for <=, with the unordered form for floats.
            case Kind.Le:
                il.Emit(unsigned || isReal ? OpCodes.Cgt_Un : OpCodes.Cgt);
                Against(OpCodes.Ceq);
                break;
            case Kind.Ge:
                il.Emit(unsigned || isReal ? OpCodes.Clt_Un : OpCodes.Clt);
                Against(OpCodes.Ceq);
                break;
            case Kind.Eq: il.Emit(OpCodes.Ceq); break;
            case Kind.Ne:
                il.Emit(OpCodes.Ceq);
                Against(OpCodes.Ceq);
                break;
            case Kind.Convert: Convert(of, e.Type); break;
            case Kind.Call:
                for (int a = 0; a < Arrays.All.Length; a++) il.Emit(OpCodes.Ldarg_S, (byte)(2 + a));
                il.Emit(OpCodes.Call, functions[e.Number]);
                break;
            default: Library(e); break;
        }
    }

    private void Against(OpCode op)
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(op);
    }

    /// <summary>The cast that C# writes.</summary>
    private void Convert(Type from, Type to)
    {
        if (from.IsHalf())
        {
            il.Emit(OpCodes.Call, from.Clr().GetMethod("op_Implicit")!);
            from = Type.Float;
        }
        if (to.IsHalf())
        {
            Convert(from, Type.Float);
            il.Emit(OpCodes.Call, to.Clr().GetMethod("op_Explicit")!);
            return;
        }
        switch (to)
        {
            case Type.Float or Type.Double:
                if (from is Type.UInt or Type.ULong) il.Emit(OpCodes.Conv_R_Un);
                il.Emit(to == Type.Float ? OpCodes.Conv_R4 : OpCodes.Conv_R8);
                break;
            case Type.SByte: il.Emit(OpCodes.Conv_I1); break;
            case Type.Byte: il.Emit(OpCodes.Conv_U1); break;
            case Type.Short: il.Emit(OpCodes.Conv_I2); break;
            case Type.UShort: il.Emit(OpCodes.Conv_U2); break;
            case Type.Int: il.Emit(OpCodes.Conv_I4); break;
            case Type.UInt: il.Emit(OpCodes.Conv_U4); break;
            case Type.Long: il.Emit(from == Type.UInt ? OpCodes.Conv_U8 : OpCodes.Conv_I8); break;
            default: il.Emit(from is Type.Int or Type.SByte or Type.Short ? OpCodes.Conv_I8 : OpCodes.Conv_U8); break;
        }
    }

    private void Library(Expression e)
    {
        System.Type library = e.Kind >= Kind.PopCount ? typeof(BitOperations) : e.Type == Type.Float ? typeof(MathF) : typeof(Math);
        il.Emit(OpCodes.Call, library.GetMethod(e.Kind.ToString(), [.. e.Args.Select(a => a.Type.Clr())])!);
        if (e.Kind is not (Kind.Min or Kind.Max)) return;
        // .NET's JIT does not keep its promise on which zero is smaller: x + 0 makes one zero of both.
        if (e.Type == Type.Float) il.Emit(OpCodes.Ldc_R4, 0f);
        else if (e.Type == Type.Double) il.Emit(OpCodes.Ldc_R8, 0.0);
        else return;
        il.Emit(OpCodes.Add);
    }
}
