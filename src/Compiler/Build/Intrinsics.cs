using System.Reflection;
using MmKernels.Dialect;

namespace MmKernels.Compiler.Build;

/// <summary>Which methods the compiler knows. Names are compared once per call instruction; the answer stays with the instruction.</summary>
internal static class Intrinsics
{
    private static readonly Assembly dialect = typeof(IntrinsicAttribute).Assembly;

    /// <summary>Part of .NET: not inlined unless <see cref="IsInlinable"/>.</summary>
    public static bool IsFramework(Assembly assembly)
    {
        if (assembly == typeof(object).Assembly) return true;
        string name = assembly.GetName().Name ?? "";
        return name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "netstandard" || name.StartsWith("Microsoft.", StringComparison.Ordinal);
    }

    /// <summary>Framework methods whose IL is fit for kernels: they compute with numbers and call nothing else.</summary>
    public static bool IsInlinable(MethodBase method)
    {
        Type type = method.DeclaringType!;
        string name = method.Name;
        return type.Name switch
        {
            "Nullable`1" => name is ".ctor" or "get_HasValue" or "GetValueOrDefault",
            "BitOperations" => name is "RotateLeft" or "RotateRight" or "IsPow2",
            "Math" => name is "BigMul" or "Sign" && method is MethodInfo { ReturnType: var result } && (result == typeof(long) || result == typeof(int)) && IsWhole(method.GetParameters()[0].ParameterType),
            "Half" => name is "op_Addition" or "op_Subtraction" or "op_Multiply" or "op_Division",
            _ when type.IsPrimitive => IsInlinableOfNumbers(type, name[(name.LastIndexOf('.') + 1)..]),
            _ => type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal),
        };
    }

    private static bool IsInlinableOfNumbers(Type type, string name)
        => (name.StartsWith("op_", StringComparison.Ordinal) && !name.StartsWith("op_Checked", StringComparison.Ordinal))
            || name is "get_Zero" or "get_One" or "get_AdditiveIdentity" or "get_MultiplicativeIdentity" or "IsNegative" or "IsPositive" or "RotateLeft" or "RotateRight" or "IsPow2"
            || (name is "IsInfinity" or "IsFinite" or "IsPositiveInfinity" or "IsNegativeInfinity" or "IsNormal" or "IsSubnormal" && (type == typeof(float) || type == typeof(double)));

    /// <summary>Numbers that GPUs have no registers for.</summary>
    public static bool IsWideNumber(Type type)
        => type == typeof(decimal) || type == typeof(Int128) || type == typeof(UInt128) || type == typeof(System.Numerics.BigInteger);

    private static bool IsWhole(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64 || type == typeof(nint);

    /// <summary>What to write instead of a framework method.</summary>
    public static string HintFor(MethodBase method)
    {
        Type type = method.DeclaringType!;
        if (type == typeof(System.Threading.Interlocked)) return "Atomic has the read-modify-write operations of kernels";
        if (type == typeof(System.Threading.Volatile) || type == typeof(System.Threading.Thread)) return "Group.Barrier, MemoryFence and Atomic order the accesses of threads";
        if (type != typeof(MathF) && type != typeof(Math) && !type.IsPrimitive) return "Kernels can call the dialect, exact functions of Math and MathF, and your own static methods";
        return typeof(XMath).GetMethod(method.Name, [.. method.GetParameters().Select(_ => typeof(float))]) is not null
            ? $"XMath.{method.Name} is this function in single precision"
            : "XMath has the functions that kernels can call, with their accuracy";
    }

    public static Intrinsic Find(MethodBase method)
    {
        Type type = method.DeclaringType!;
        string name = method.Name;
        if (type.Assembly == dialect) return FindDialect(type.Name, name);
        if (type.Name == "<PrivateImplementationDetails>") return FindInlineArray(name);
        if (type.Assembly != typeof(object).Assembly) return Intrinsic.None;
        return type.Name switch
        {
            "Math" => FindMath(method, name),
            "MathF" => FindMathF(name, method.GetParameters().Length),
            "BitConverter" => FindBits(name),
            "BitOperations" => FindBitOperations(method, name),
            "Unsafe" => name switch { "SizeOf" => Intrinsic.SizeOf, "As" or "AsRef" => Intrinsic.ReferenceAs, _ => Intrinsic.None },
            "Span`1" or "ReadOnlySpan`1" => FindSpan(name),
            "RuntimeHelpers" when name == "CreateSpan" => Intrinsic.SpanMake,
            "Half" => FindHalf(method, name),
            _ => type.IsPrimitive ? FindPrimitive(type, name[(name.LastIndexOf('.') + 1)..]) : Intrinsic.None,
        };
    }

    private static Intrinsic FindDialect(string type, string name) => type switch
    {
        "ArrayView`1" or "In`1" or "Out`1" or "InOut`1" => name switch
        {
            "get_Item" => Intrinsic.ViewItem,
            "set_Item" => Intrinsic.ViewSetItem,
            "get_Length" => Intrinsic.ViewLength,
            "get_IntLength" => Intrinsic.ViewIntLength,
            "SubView" => Intrinsic.ViewSubView,
            "Cast" => Intrinsic.ViewCast,
            "get_BaseView" or "op_Implicit" => Intrinsic.ViewBase,
            _ => Intrinsic.None,
        },
        "Grid" => FindThread(name, Intrinsic.GridIdxX),
        "Group" => name switch
        {
            "Barrier" => Intrinsic.GroupBarrier,
            "BarrierPopCount" => Intrinsic.BarrierPopCount,
            "BarrierAnd" => Intrinsic.BarrierAnd,
            "BarrierOr" => Intrinsic.BarrierOr,
            _ => FindThread(name, Intrinsic.GroupIdxX),
        },
        "Warp" => FindWarp(name),
        "SharedMemory" => name switch { "Allocate" => Intrinsic.SharedAllocate, "GetDynamic" => Intrinsic.SharedDynamic, _ => Intrinsic.None },
        "LocalMemory" => name == "Allocate" ? Intrinsic.LocalAllocate : Intrinsic.None,
        "Interop" => name switch
        {
            "FloatAsInt" or "IntAsFloat" => Intrinsic.Bitcast32,
            "DoubleAsLong" or "LongAsDouble" => Intrinsic.Bitcast64,
            "SizeOf" => Intrinsic.SizeOf,
            _ => Intrinsic.None,
        },
        "Unroll" => name == "From" ? Intrinsic.UnrollFrom : Intrinsic.None,
        "XMath" => FindXMath(name),
        "F16" => name switch { "op_Implicit" => Intrinsic.HalfToFloat, "op_Explicit" => Intrinsic.FloatToHalf, _ => Intrinsic.None },
        "BF16" => name switch { "op_Implicit" => Intrinsic.BrainToFloat, "op_Explicit" => Intrinsic.FloatToBrain, _ => Intrinsic.None },
        "TensorCore" => FindMatrix(name),
        "CudaAsm" => name == "Emit" ? Intrinsic.AsmEmit : Intrinsic.AsmEmitRef,
        "AsyncCopy" => name switch
        {
            "Copy16" => Intrinsic.AsyncCopy16,
            "Copy16OrZero" => Intrinsic.AsyncCopy16OrZero,
            "Commit" => Intrinsic.AsyncCommit,
            "Wait" => Intrinsic.AsyncWait,
            _ => Intrinsic.None,
        },
        "Atomic" => FindAtomic(name),
        "MemoryFence" => name switch { "GroupLevel" => Intrinsic.FenceGroup, "DeviceLevel" or "SystemLevel" => Intrinsic.FenceDevice, _ => Intrinsic.None },
        _ => Intrinsic.None,
    };

    private static Intrinsic FindThread(string name, Intrinsic first) => name switch
    {
        "get_IdxX" => first,
        "get_IdxY" => (Intrinsic)((int)first + 1),
        "get_IdxZ" => (Intrinsic)((int)first + 2),
        "get_DimX" => (Intrinsic)((int)first + 3),
        "get_DimY" => (Intrinsic)((int)first + 4),
        "get_DimZ" => (Intrinsic)((int)first + 5),
        _ => Intrinsic.None,
    };

    private static Intrinsic FindWarp(string name) => name switch
    {
        "get_LaneIdx" => Intrinsic.LaneIdx,
        "get_WarpIdx" => Intrinsic.WarpIdx,
        "ShuffleXor" => Intrinsic.ShuffleXor,
        "ShuffleDown" => Intrinsic.ShuffleDown,
        "ShuffleUp" => Intrinsic.ShuffleUp,
        "Shuffle" => Intrinsic.Shuffle,
        "Barrier" => Intrinsic.WarpBarrier,
        "All" => Intrinsic.VoteAll,
        "Any" => Intrinsic.VoteAny,
        "Ballot" => Intrinsic.Ballot,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindXMath(string name) => name switch
    {
        "Min" => Intrinsic.Min,
        "Max" => Intrinsic.Max,
        "Abs" => Intrinsic.Abs,
        "Fma" => Intrinsic.Fma,
        "Sqrt" => Intrinsic.Sqrt,
        "Rsqrt" => Intrinsic.Rsqrt,
        "Rcp" => Intrinsic.Rcp,
        "Exp2" => Intrinsic.Exp2,
        "Log2" => Intrinsic.Log2,
        "SinApprox" => Intrinsic.SinApprox,
        "CosApprox" => Intrinsic.CosApprox,
        "TanhApprox" => Intrinsic.TanhApprox,
        "Floor" => Intrinsic.Floor,
        "Ceiling" => Intrinsic.Ceiling,
        "Truncate" => Intrinsic.Truncate,
        "Round" => Intrinsic.Round,
        "IsNaN" => Intrinsic.IsNaN,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindMatrix(string name) => name switch
    {
        "MultiplyBF16" => Intrinsic.MatrixMultiplyBF16,
        "MultiplyF16" => Intrinsic.MatrixMultiplyF16,
        "LoadMatrices4" => Intrinsic.LoadMatrices4,
        "LoadMatrices4Transposed" => Intrinsic.LoadMatrices4Transposed,
        "LoadMatrices2" => Intrinsic.LoadMatrices2,
        "LoadMatrices2Transposed" => Intrinsic.LoadMatrices2Transposed,
        "PackBF16" => Intrinsic.PackBF16,
        "PackF16" => Intrinsic.PackF16,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindAtomic(string name) => name switch
    {
        "Add" => Intrinsic.AtomicAdd,
        "Min" => Intrinsic.AtomicMin,
        "Max" => Intrinsic.AtomicMax,
        "And" => Intrinsic.AtomicAnd,
        "Or" => Intrinsic.AtomicOr,
        "Xor" => Intrinsic.AtomicXor,
        "Exchange" => Intrinsic.AtomicExchange,
        "CompareExchange" => Intrinsic.AtomicCompareExchange,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindInlineArray(string name) => name switch
    {
        "InlineArrayAsSpan" or "InlineArrayAsReadOnlySpan" => Intrinsic.InlineArraySpan,
        "InlineArrayElementRef" or "InlineArrayElementRefReadOnly" => Intrinsic.InlineArrayElement,
        "InlineArrayFirstElementRef" or "InlineArrayFirstElementRefReadOnly" => Intrinsic.InlineArrayFirst,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindSpan(string name) => name switch
    {
        ".ctor" => Intrinsic.SpanMake,
        "get_Item" => Intrinsic.SpanItem,
        "get_Length" => Intrinsic.SpanLength,
        "get_IsEmpty" => Intrinsic.SpanIsEmpty,
        "Slice" => Intrinsic.ViewSubView,
        "op_Implicit" => Intrinsic.ViewBase,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindHalf(MethodBase method, string name)
    {
        if (name is not ("op_Explicit" or "op_Implicit") || method is not MethodInfo { ReturnType: var to }) return Intrinsic.None;
        Type from = method.GetParameters()[0].ParameterType;
        return from == typeof(Half) && to == typeof(float) ? Intrinsic.HalfToFloat : from == typeof(float) && to == typeof(Half) ? Intrinsic.FloatToHalf : Intrinsic.None;
    }

    private static Intrinsic FindMathF(string name, int parameters) => name switch
    {
        "Round" when parameters == 1 => Intrinsic.Round,
        "Clamp" => Intrinsic.ClampFloat,
        "Abs" => Intrinsic.Abs,
        "Min" => Intrinsic.MinNaN,
        "Max" => Intrinsic.MaxNaN,
        "Sqrt" => Intrinsic.Sqrt,
        "FusedMultiplyAdd" => Intrinsic.Fma,
        "Floor" => Intrinsic.Floor,
        "Ceiling" => Intrinsic.Ceiling,
        "Truncate" => Intrinsic.Truncate,
        "CopySign" => Intrinsic.CopySign,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindMath(MethodBase method, string name)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (parameters.Length == 0) return Intrinsic.None;
        Type type = parameters[0].ParameterType;
        if (type == typeof(float) || type == typeof(double)) return FindMathF(name, parameters.Length);
        bool unsigned = IsUnsigned(type);
        return name switch
        {
            "Abs" => Intrinsic.Abs,
            "Min" => unsigned ? Intrinsic.MinUnsigned : Intrinsic.Min,
            "Max" => unsigned ? Intrinsic.MaxUnsigned : Intrinsic.Max,
            "Clamp" => unsigned ? Intrinsic.ClampUnsigned : Intrinsic.Clamp,
            _ => Intrinsic.None,
        };
    }

    private static Intrinsic FindBits(string name) => name switch
    {
        "SingleToInt32Bits" or "Int32BitsToSingle" or "SingleToUInt32Bits" or "UInt32BitsToSingle" => Intrinsic.Bitcast32,
        "DoubleToInt64Bits" or "Int64BitsToDouble" or "DoubleToUInt64Bits" or "UInt64BitsToDouble" => Intrinsic.Bitcast64,
        _ => Intrinsic.None,
    };

    private static Intrinsic FindBitOperations(MethodBase method, string name)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (parameters.Length != 1) return Intrinsic.None;
        return name switch
        {
            "PopCount" => Intrinsic.PopCount,
            "LeadingZeroCount" => Intrinsic.LeadingZeros,
            "TrailingZeroCount" => Intrinsic.TrailingZeros,
            "Log2" => Intrinsic.Log2Whole,
            _ => Intrinsic.None,
        };
    }

    private static Intrinsic FindPrimitive(Type type, string name)
    {
        bool unsigned = IsUnsigned(type);
        bool isFloat = type == typeof(float) || type == typeof(double);
        return name switch
        {
            "Min" => isFloat ? Intrinsic.MinNaN : unsigned ? Intrinsic.MinUnsigned : Intrinsic.Min,
            "Max" => isFloat ? Intrinsic.MaxNaN : unsigned ? Intrinsic.MaxUnsigned : Intrinsic.Max,
            "MinNumber" => isFloat ? Intrinsic.Min : unsigned ? Intrinsic.MinUnsigned : Intrinsic.Min,
            "MaxNumber" => isFloat ? Intrinsic.Max : unsigned ? Intrinsic.MaxUnsigned : Intrinsic.Max,
            "Abs" when isFloat || type == typeof(int) || type == typeof(long) => Intrinsic.Abs,
            "IsNaN" => Intrinsic.IsNaN,
            "Sqrt" => Intrinsic.Sqrt,
            "FusedMultiplyAdd" => Intrinsic.Fma,
            "Clamp" => isFloat ? Intrinsic.ClampFloat : unsigned ? Intrinsic.ClampUnsigned : Intrinsic.Clamp,
            "PopCount" when type == typeof(int) || type == typeof(uint) => Intrinsic.PopCount,
            "LeadingZeroCount" when type == typeof(int) || type == typeof(uint) => Intrinsic.LeadingZeros,
            _ => Intrinsic.None,
        };
    }

    private static bool IsUnsigned(Type type) => Type.GetTypeCode(type) is TypeCode.Byte or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.UInt64;
}
