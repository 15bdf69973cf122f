using System.Reflection;
using System.Reflection.Emit;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// The one place through which IL is written, whoever keeps it: a method in memory or one of an assembly that is saved.
/// Counts what RyuJIT's limits are about.
/// </summary>
internal sealed class IlWriter(ILGenerator il)
{
    private readonly Dictionary<Type, Stack<LocalBuilder>> free = [];

    private int localReferences, locals, instructions, blocks;

    /// <summary>
    /// How much of what RyuJIT optimises the method takes; beyond 1 it optimises nothing. The limits are 60,000 bytes of IL, 20,000 instructions,
    /// 2000 blocks, 2000 variables and 8000 reads and writes of variables (DEFAULT_MIN_OPTS_* of dotnet/runtime, jit/compiler.h).
    /// </summary>
    public double Fill => Math.Max(
        Math.Max(il.ILOffset / 60_000.0, instructions / 20_000.0),
        Math.Max(blocks / 2000.0, Math.Max(locals / 2000.0, localReferences / 8000.0)));

    private ILGenerator Next
    {
        get
        {
            instructions++;
            return il;
        }
    }

    /// <summary>Nothing is written: for finding out whether a form exists.</summary>
    public bool Dry { get; set; }

    /// <summary>A variable for a value that no jump carries elsewhere, perhaps one that was released.</summary>
    public LocalBuilder NewLocal(Type type)
    {
        if (free.TryGetValue(type, out Stack<LocalBuilder>? pool) && pool.TryPop(out LocalBuilder? local)) return local;
        locals++;
        return il.DeclareLocal(type);
    }

    /// <summary>A variable of its own: for a value that lives from block to block, around loops too.</summary>
    public LocalBuilder NewOwnLocal(Type type)
    {
        locals++;
        return il.DeclareLocal(type);
    }

    /// <summary>Lets <see cref="NewLocal"/> hand the variable out again.</summary>
    public void Release(LocalBuilder local)
    {
        if (!free.TryGetValue(local.LocalType, out Stack<LocalBuilder>? pool)) free.Add(local.LocalType, pool = new Stack<LocalBuilder>());
        pool.Push(local);
    }

    public Label NewLabel() => il.DefineLabel();

    public void Mark(Label label)
    {
        if (Dry) return;
        blocks++;
        il.MarkLabel(label);
    }

    public void Emit(OpCode code)
    {
        if (!Dry) Next.Emit(code);
    }

    /// <summary>For the prefix <c>unaligned.</c></summary>
    public void Emit(OpCode code, byte value)
    {
        if (!Dry) Next.Emit(code, value);
    }

    public void Branch(OpCode code, Label target)
    {
        if (Dry) return;
        blocks++;
        Next.Emit(code, target);
    }

    public void Load(LocalBuilder local)
    {
        if (Dry) return;
        localReferences++;
        Next.Emit(OpCodes.Ldloc, local);
    }

    public void Store(LocalBuilder local)
    {
        if (Dry) return;
        localReferences++;
        Next.Emit(OpCodes.Stloc, local);
    }

    /// <summary>Pops into the variable and keeps the value on the stack.</summary>
    public void Keep(LocalBuilder local)
    {
        Emit(OpCodes.Dup);
        Store(local);
    }

    public void Argument(int index) => Emit(index switch { 0 => OpCodes.Ldarg_0, 1 => OpCodes.Ldarg_1, 2 => OpCodes.Ldarg_2, _ => OpCodes.Ldarg_3 });

    public void Int(int value)
    {
        if (Dry) return;
        if (value is >= -1 and <= 8) Next.Emit(smallInts[value + 1]);
        else if (value is >= -128 and <= 127) Next.Emit(OpCodes.Ldc_I4_S, (sbyte)value);
        else Next.Emit(OpCodes.Ldc_I4, value);
    }

    public void Long(long value)
    {
        if (Dry) return;
        if (value is < int.MinValue or > int.MaxValue)
        {
            Next.Emit(OpCodes.Ldc_I8, value);
            return;
        }
        Int((int)value);
        Next.Emit(OpCodes.Conv_I8);
    }

    public void Float(float value)
    {
        if (!Dry) Next.Emit(OpCodes.Ldc_R4, value);
    }

    public void Double(double value)
    {
        if (!Dry) Next.Emit(OpCodes.Ldc_R8, value);
    }

    public void Call(MethodInfo method)
    {
        if (!Dry) Next.Emit(OpCodes.Call, method);
    }

    public void Field(FieldInfo field)
    {
        if (!Dry) Next.Emit(OpCodes.Ldfld, field);
    }

    /// <summary>Writes a field; below the value on the stack is the structure's address.</summary>
    public void SetField(FieldInfo field)
    {
        if (!Dry) Next.Emit(OpCodes.Stfld, field);
    }

    /// <summary>Adds a byte distance to the address on the stack.</summary>
    public void Displace(long bytes)
    {
        if (bytes == 0) return;
        if (bytes is > int.MinValue and < int.MaxValue) Int((int)bytes);
        else Long(bytes);
        Emit(OpCodes.Conv_I);
        Emit(OpCodes.Add);
    }

    /// <summary>Reads a structure at any alignment.</summary>
    public void LoadObject(Type type)
    {
        if (Dry) return;
        Next.Emit(OpCodes.Unaligned, (byte)1);
        Next.Emit(OpCodes.Ldobj, type);
    }

    /// <summary>Writes a structure at any alignment; below it on the stack is the address.</summary>
    public void StoreObject(Type type)
    {
        if (Dry) return;
        Next.Emit(OpCodes.Unaligned, (byte)1);
        Next.Emit(OpCodes.Stobj, type);
    }

    private static readonly OpCode[] smallInts =
    [
        OpCodes.Ldc_I4_M1, OpCodes.Ldc_I4_0, OpCodes.Ldc_I4_1, OpCodes.Ldc_I4_2, OpCodes.Ldc_I4_3, OpCodes.Ldc_I4_4, OpCodes.Ldc_I4_5, OpCodes.Ldc_I4_6, OpCodes.Ldc_I4_7, OpCodes.Ldc_I4_8,
    ];
}
