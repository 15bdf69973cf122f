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

    /// <summary>Framework methods whose IL is fit for kernels.</summary>
    public static bool IsInlinable(MethodBase method) => method.DeclaringType!.Name.StartsWith("ValueTuple`", StringComparison.Ordinal);

    /// <summary>What to write instead of a framework method.</summary>
    public static string HintFor(MethodBase method)
        => method.DeclaringType == typeof(MathF) || method.DeclaringType == typeof(Math)
            ? "XMath has the functions that kernels can call, with their accuracy"
            : "Kernels can call the dialect, exact functions of Math and MathF, and your own static methods";

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
            "MathF" => FindMathF(name),
            "BitConverter" => FindBits(name),
            "BitOperations" => FindBitOperations(method, name),
            "Unsafe" => name switch { "SizeOf" => Intrinsic.SizeOf, "As" or "AsRef" => Intrinsic.ReferenceAs, _ => Intrinsic.None },
            "Span`1" or "ReadOnlySpan`1" => name switch { "get_Item" => Intrinsic.SpanItem, "get_Length" => Intrinsic.SpanLength, _ => Intrinsic.None },
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

    private static Intrinsic FindMathF(string name) => name switch
    {
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
        if (type == typeof(float) || type == typeof(double)) return FindMathF(name);
        bool unsigned = IsUnsigned(type);
        return name switch
        {
            "Abs" => Intrinsic.Abs,
            "Min" => unsigned ? Intrinsic.MinUnsigned : Intrinsic.Min,
            "Max" => unsigned ? Intrinsic.MaxUnsigned : Intrinsic.Max,
            "Clamp" when !unsigned => Intrinsic.Clamp,
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
        bool wide = parameters[0].ParameterType == typeof(ulong) || parameters[0].ParameterType == typeof(long);
        return name switch
        {
            "PopCount" => Intrinsic.PopCount,
            "LeadingZeroCount" => wide ? Intrinsic.LeadingZeros64 : Intrinsic.LeadingZeros,
            "TrailingZeroCount" when !wide => Intrinsic.TrailingZeros,
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
            "Abs" => Intrinsic.Abs,
            "IsNaN" => Intrinsic.IsNaN,
            "Sqrt" => Intrinsic.Sqrt,
            "FusedMultiplyAdd" => Intrinsic.Fma,
            "op_Addition" => Intrinsic.Add,
            "op_Subtraction" => Intrinsic.Subtract,
            "op_Multiply" => Intrinsic.Multiply,
            "op_Division" => unsigned ? Intrinsic.DivideUnsigned : Intrinsic.Divide,
            "op_UnaryNegation" => Intrinsic.Negate,
            "op_LessThan" => unsigned ? Intrinsic.LessThanUnsigned : Intrinsic.LessThan,
            "op_GreaterThan" => unsigned ? Intrinsic.GreaterThanUnsigned : Intrinsic.GreaterThan,
            "get_Zero" or "get_AdditiveIdentity" => Intrinsic.Zero,
            "get_One" or "get_MultiplicativeIdentity" => Intrinsic.One,
            _ => Intrinsic.None,
        };
    }

    private static bool IsUnsigned(Type type) => Type.GetTypeCode(type) is TypeCode.Byte or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.UInt64;
}
