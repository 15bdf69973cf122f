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

    private int localReferences, locals;

    /// <summary>The method is beyond what RyuJIT optimises: 60,000 bytes of IL, 8000 reads and writes of local variables, or 2000 variables.</summary>
    public bool IsOversized => il.ILOffset > 60_000 || localReferences > 8000 || locals > 2000;

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
        if (!Dry) il.MarkLabel(label);
    }

    public void Emit(OpCode code)
    {
        if (!Dry) il.Emit(code);
    }

    /// <summary>For the prefix <c>unaligned.</c></summary>
    public void Emit(OpCode code, byte value)
    {
        if (!Dry) il.Emit(code, value);
    }

    public void Branch(OpCode code, Label target)
    {
        if (!Dry) il.Emit(code, target);
    }

    public void Load(LocalBuilder local)
    {
        if (Dry) return;
        localReferences++;
        il.Emit(OpCodes.Ldloc, local);
    }

    public void Store(LocalBuilder local)
    {
        if (Dry) return;
        localReferences++;
        il.Emit(OpCodes.Stloc, local);
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
        if (value is >= -1 and <= 8) il.Emit(smallInts[value + 1]);
        else if (value is >= -128 and <= 127) il.Emit(OpCodes.Ldc_I4_S, (sbyte)value);
        else il.Emit(OpCodes.Ldc_I4, value);
    }

    public void Long(long value)
    {
        if (Dry) return;
        if (value is < int.MinValue or > int.MaxValue)
        {
            il.Emit(OpCodes.Ldc_I8, value);
            return;
        }
        Int((int)value);
        il.Emit(OpCodes.Conv_I8);
    }

    public void Float(float value)
    {
        if (!Dry) il.Emit(OpCodes.Ldc_R4, value);
    }

    public void Double(double value)
    {
        if (!Dry) il.Emit(OpCodes.Ldc_R8, value);
    }

    public void Call(MethodInfo method)
    {
        if (!Dry) il.Emit(OpCodes.Call, method);
    }

    public void Field(FieldInfo field)
    {
        if (!Dry) il.Emit(OpCodes.Ldfld, field);
    }

    /// <summary>Writes a field; below the value on the stack is the structure's address.</summary>
    public void SetField(FieldInfo field)
    {
        if (!Dry) il.Emit(OpCodes.Stfld, field);
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
        il.Emit(OpCodes.Unaligned, (byte)1);
        il.Emit(OpCodes.Ldobj, type);
    }

    /// <summary>Writes a structure at any alignment; below it on the stack is the address.</summary>
    public void StoreObject(Type type)
    {
        if (Dry) return;
        il.Emit(OpCodes.Unaligned, (byte)1);
        il.Emit(OpCodes.Stobj, type);
    }

    private static readonly OpCode[] smallInts =
    [
        OpCodes.Ldc_I4_M1, OpCodes.Ldc_I4_0, OpCodes.Ldc_I4_1, OpCodes.Ldc_I4_2, OpCodes.Ldc_I4_3, OpCodes.Ldc_I4_4, OpCodes.Ldc_I4_5, OpCodes.Ldc_I4_6, OpCodes.Ldc_I4_7, OpCodes.Ldc_I4_8,
    ];
}
