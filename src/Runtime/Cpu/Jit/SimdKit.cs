using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// The vector types and methods of one width, for processors with given instructions: this one, or one that code is written for ahead of time.
/// Only what RyuJIT knows as an intrinsic is used, so that nothing waits for its inliner.
/// </summary>
[RequiresDynamicCode(JustInTime.Reason), RequiresUnreferencedCode(JustInTime.Reason)]
internal sealed class SimdKit
{
    private static readonly ConcurrentDictionary<(int, VectorInstructions), SimdKit> kits = new();
    private readonly ConcurrentDictionary<(string, Type, Type?, Type?), MethodInfo> methods = new();
    private readonly Type statics;
    private readonly Type[] vectors;
    private readonly bool avx2, avx512;

    private SimdKit(int lanes, VectorInstructions instructions)
    {
        (Lanes, Instructions) = (lanes, instructions);
        avx512 = lanes == 16 && instructions >= VectorInstructions.Avx512;
        avx2 = lanes < 16 && instructions >= VectorInstructions.Avx2;
        (statics, Type open) = lanes switch
        {
            16 => (typeof(Vector512), typeof(Vector512<>)),
            8 => (typeof(Vector256), typeof(Vector256<>)),
            _ => (typeof(Vector128), typeof(Vector128<>)),
        };
        vectors = Array.ConvertAll(elements, e => open.MakeGenericType(e));
        Type owner = avx512 ? typeof(Avx512F) : typeof(Avx);
        if (avx512 || avx2) PermuteGroups = owner.GetMethod(avx512 ? nameof(Avx512F.Permute4x32) : nameof(Avx.Permute), [Vector(ValueKind.F32), typeof(byte)]);
        if (avx512 || (avx2 && lanes == 8)) LoadGroups = owner.GetMethod(avx512 ? nameof(Avx512F.BroadcastVector128ToVector512) : nameof(Avx.BroadcastVector128ToVector256), [typeof(float*)]);
        if (lanes > 4) RepeatGroups = Array.Find(statics.GetMethods(), m => m is { Name: "Create", IsGenericMethodDefinition: true }
            && m.GetParameters() is [{ ParameterType: { IsGenericType: true } p }] && p.GetGenericTypeDefinition() == typeof(Vector128<>))!.MakeGenericMethod(typeof(float));
    }

    /// <summary>Permutes f32 lanes within each group of four by a constant; null where the processor has no such instruction.</summary>
    public MethodInfo? PermuteGroups { get; }

    /// <summary>Reads four floats into every group of four lanes; null where the processor has no such instruction.</summary>
    public MethodInfo? LoadGroups { get; }

    /// <summary>Copies a vector of four floats into every group of four lanes; null where there is one group.</summary>
    public MethodInfo? RepeatGroups { get; }

    /// <summary>32-bit lanes of a vector: 16, 8 or 4.</summary>
    public int Lanes { get; }

    /// <summary>What the processor has.</summary>
    public VectorInstructions Instructions { get; }

    /// <summary>Bytes of a vector.</summary>
    public int Bytes => Lanes * 4;

    public static SimdKit Of(int lanes, VectorInstructions instructions) => kits.GetOrAdd((lanes, instructions), key => new SimdKit(key.Item1, key.Item2));

    private static readonly Type[] elements = [typeof(int), typeof(int), typeof(long), typeof(float), typeof(double)];

    public static Type Element(ValueKind kind) => elements[(int)kind];

    public Type Vector(ValueKind kind) => vectors[(int)kind];

    /// <summary>An operator such as <c>op_Addition</c>.</summary>
    public MethodInfo Operator(string name, ValueKind kind)
    {
        Type vector = Vector(kind);
        return methods.GetOrAdd((name, vector, null, null), k =>
        {
            Type second = name.Contains("Shift") ? typeof(int) : vector;
            return vector.GetMethod(name, name is "op_OnesComplement" or "op_UnaryNegation" ? [vector] : [vector, second]) ?? throw new MissingMethodException(vector.Name, name);
        });
    }

    /// <summary>A constant such as <c>Zero</c> or <c>AllBitsSet</c>.</summary>
    public MethodInfo Constant(string name, ValueKind kind)
        => methods.GetOrAdd((name, Vector(kind), null, null), _ => Vector(kind).GetProperty(name)!.GetMethod!);

    /// <summary>A generic static method over one element type, such as <c>ConditionalSelect</c>: all parameters are vectors.</summary>
    public MethodInfo Generic(string name, ValueKind kind, int parameters)
        => methods.GetOrAdd((name, Element(kind), typeof(void), parameters switch { 1 => typeof(int), 2 => typeof(long), _ => typeof(float) }), _ =>
        {
            foreach (MethodInfo method in statics.GetMember(name))
                if (method.IsGenericMethodDefinition && method.GetGenericArguments().Length == 1 && method.GetParameters().Length == parameters
                    && Array.TrueForAll(method.GetParameters(), p => p.ParameterType.IsGenericType && p.ParameterType.GetGenericTypeDefinition().Name == vectors[0].GetGenericTypeDefinition().Name))
                    return method.MakeGenericMethod(Element(kind));
            throw new MissingMethodException(statics.Name, name);
        });

    /// <summary>A method over a given vector, such as <c>WidenLower</c>, <c>ConvertToSingle</c> or <c>ShiftLeft</c> with a count.</summary>
    public MethodInfo Typed(string name, ValueKind kind, Type? second = null)
        => methods.GetOrAdd((name, Vector(kind), second, typeof(void)), _ =>
            statics.GetMethod(name, second is null ? [Vector(kind)] : [Vector(kind), second]) ?? throw new MissingMethodException(statics.Name, name));

    /// <summary>A vector of one value.</summary>
    public MethodInfo Broadcast(ValueKind kind)
        => methods.GetOrAdd(("Create", Element(kind), null, null), _ => statics.GetMethod("Create", [Element(kind)])!);

    /// <summary>A vector of given values.</summary>
    public MethodInfo Sequence(ValueKind kind)
        => methods.GetOrAdd(("Create", Element(kind), Element(kind), null), _ =>
        {
            var types = new Type[kind.Is64() ? Lanes / 2 : Lanes];
            Array.Fill(types, Element(kind));
            return statics.GetMethod("Create", types)!;
        });

    /// <summary>The same bits as other elements; null where nothing is to be done.</summary>
    public MethodInfo? Reinterpret(ValueKind from, ValueKind to)
    {
        if (Element(from) == Element(to)) return null;
        string name = to switch { ValueKind.I64 => "AsInt64", ValueKind.F32 => "AsSingle", ValueKind.F64 => "AsDouble", _ => "AsInt32" };
        return methods.GetOrAdd((name, Element(from), Element(to), null), _ =>
            ((MethodInfo)statics.GetMember(name)[0]).MakeGenericMethod(Element(from)));
    }

    /// <summary>A method over two vectors of unsigned elements; the operands are reinterpreted by <see cref="ToUnsigned"/>.</summary>
    public MethodInfo Unsigned(string name, ValueKind kind)
        => methods.GetOrAdd((name, Vector(kind), typeof(uint), null), _ =>
        {
            foreach (MethodInfo method in statics.GetMember(name))
                if (method.IsGenericMethodDefinition && method.GetParameters().Length == 2) return method.MakeGenericMethod(kind.Is64() ? typeof(ulong) : typeof(uint));
            throw new MissingMethodException(statics.Name, name);
        });

    public MethodInfo ToUnsigned(ValueKind kind)
        => methods.GetOrAdd(("ToUnsigned", Vector(kind), null, null), _ =>
            ((MethodInfo)statics.GetMember(kind.Is64() ? "AsUInt64" : "AsUInt32")[0]).MakeGenericMethod(Element(kind)));

    public MethodInfo FromUnsigned(ValueKind kind)
        => methods.GetOrAdd(("FromUnsigned", Vector(kind), null, null), _ =>
            ((MethodInfo)statics.GetMember(kind.Is64() ? "AsInt64" : "AsInt32")[0]).MakeGenericMethod(kind.Is64() ? typeof(ulong) : typeof(uint)));

    /// <summary>Shifts each lane by its own count, beyond the width like PTX; null where the processor has no such instruction.</summary>
    public MethodInfo? VariableShift(string name, ValueKind kind)
    {
        if (!avx512 && (!avx2 || (kind.Is64() && name.Contains("Arithmetic")))) return null;
        return methods.GetOrAdd((name, Vector(kind), typeof(sbyte), null), _ =>
        {
            Type counts = Vector(kind).GetGenericTypeDefinition().MakeGenericType(kind.Is64() ? typeof(ulong) : typeof(uint));
            return (avx512 ? typeof(Avx512F) : typeof(Avx2)).GetMethod(name, [Vector(kind), counts])!;
        });
    }

    /// <summary>a · b + c, rounded once.</summary>
    public MethodInfo FusedMultiplyAdd(ValueKind kind)
        => methods.GetOrAdd(("fma", Vector(kind), null, null), _ =>
        {
            Type v = Vector(kind);
            if (avx512) return typeof(Avx512F).GetMethod(nameof(Avx512F.FusedMultiplyAdd), [v, v, v])!;
            if (avx2) return typeof(Fma).GetMethod(nameof(Fma.MultiplyAdd), [v, v, v])!;
            return statics.GetMethod("FusedMultiplyAdd", [v, v, v])!;
        });

    /// <summary>Reads lanes under a mask without touching the others' memory; null where the processor has no such instruction.</summary>
    public MethodInfo? MaskedLoad(ValueKind kind) => Masked("MaskLoad", kind);

    /// <summary>Writes lanes under a mask; null where the processor has no such instruction.</summary>
    public MethodInfo? MaskedStore(ValueKind kind) => Masked("MaskStore", kind);

    /// <summary>A generic static method over one element type with further parameters, such as <c>GetElement</c>.</summary>
    public MethodInfo Element(string name, ValueKind kind)
        => methods.GetOrAdd((name, Element(kind), typeof(short), null), _ => ((MethodInfo)statics.GetMember(name)[0]).MakeGenericMethod(Element(kind)));

    /// <summary>From a short vector of 8- or 16-bit elements to 32-bit lanes; null where the processor has no such instruction.</summary>
    public MethodInfo? Expand(PtxType type)
    {
        if (!avx512 && !(Lanes == 8 && avx2 && type.Bytes() == 2)) return null;
        return methods.GetOrAdd(("Expand", type.IsSigned() ? typeof(int) : typeof(uint), type.Bytes() == 1 ? typeof(byte) : typeof(short), null), _ =>
        {
            Type element = type.Bytes() == 1 ? type.IsSigned() ? typeof(sbyte) : typeof(byte) : type.IsSigned() ? typeof(short) : typeof(ushort);
            Type source = (avx512 && type.Bytes() == 2 ? typeof(Vector256<>) : typeof(Vector128<>)).MakeGenericType(element);
            return avx512 ? typeof(Avx512F).GetMethod("ConvertToVector512Int32", [source])! : typeof(Avx2).GetMethod("ConvertToVector256Int32", [source])!;
        });
    }

    /// <summary>From 32-bit lanes to a short vector of their lower 8 or 16 bits; null where the processor has no such instruction.</summary>
    public MethodInfo? Shrink(PtxType type)
    {
        if (!avx512) return null;
        return methods.GetOrAdd(("Shrink", type.Bytes() == 1 ? typeof(byte) : typeof(short), null, null), _ =>
            typeof(Avx512F).GetMethod(type.Bytes() == 1 ? "ConvertToVector128Byte" : "ConvertToVector256Int16", [typeof(Vector512<int>)])!);
    }

    /// <summary>The same bits of a short vector as other elements.</summary>
    public MethodInfo ReinterpretShort(Type from, Type to)
        => methods.GetOrAdd(("ReinterpretShort", from, to, null), _ =>
            ((MethodInfo)(from.GetGenericTypeDefinition() == typeof(Vector256<>) ? typeof(Vector256) : typeof(Vector128)).GetMember($"As{to.GetGenericArguments()[0].Name}")[0]).MakeGenericMethod(from.GetGenericArguments()[0]));

    /// <summary>Reads lanes of 8 or 16 bits under a mask of as many; null where the processor has no such instruction, or the framework does not offer it.</summary>
    public MethodInfo? MaskedShortLoad(PtxType type) => MaskedShort("MaskLoad", type);

    /// <summary>Writes lanes of 8 or 16 bits under a mask of as many; null as for <see cref="MaskedShortLoad"/>.</summary>
    public MethodInfo? MaskedShortStore(PtxType type) => MaskedShort("MaskStore", type);

    private MethodInfo? MaskedShort(string name, PtxType type)
    {
        if (masksWide != typeof(Avx512F) || Shrink(type) is not { } shrink) return null;
        Type vector = shrink.ReturnType, pointer = vector.GetGenericArguments()[0].MakePointerType();
        return typeof(Avx512BW.VL).GetMethod(name, [pointer, vector, vector]);
    }

    /// <summary>Where the masked accesses of 16 lanes are.</summary>
    private static readonly Type masksWide =
#if NET10_0_OR_GREATER
        typeof(Avx512F);
#else
        typeof(MaskedHalves);
#endif

    private MethodInfo? Masked(string name, ValueKind kind)
    {
        if (!avx512 && !(Lanes == 8 && avx2)) return null;
        return methods.GetOrAdd((name, Vector(kind), typeof(byte), null), _ =>
        {
            Type v = Vector(kind), pointer = Element(kind).MakePointerType();
            if (avx512) return masksWide.GetMethod(name, [pointer, v, v])!;
            Type owner = kind.IsFloat() ? typeof(Avx) : typeof(Avx2);
            return owner.GetMethod(name, name == "MaskLoad" ? [pointer, v] : [pointer, v, v])!;
        });
    }
}
