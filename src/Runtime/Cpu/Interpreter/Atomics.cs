using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>What atom, red and redux do to a value.</summary>
internal static class Atomics
{
    /// <summary>The operation on values of a type, or null where PTX has none.</summary>
    public static AtomicFunction? Function(PtxReduction reduction, PtxType type) => reduction switch
    {
        PtxReduction.And => static (old, b, _) => old & b,
        PtxReduction.Or => static (old, b, _) => old | b,
        PtxReduction.Xor => static (old, b, _) => old ^ b,
        PtxReduction.Exch => static (_, b, _) => b,
        PtxReduction.Cas => CompareAndSwap(type),
        PtxReduction.Inc => static (old, b, _) => (uint)old >= (uint)b ? 0 : (uint)old + 1u,
        PtxReduction.Dec => static (old, b, _) => (uint)old == 0 || (uint)old > (uint)b ? (uint)b : (uint)old - 1u,
        PtxReduction.Add => Add(type),
        PtxReduction.Min => type switch
        {
            PtxType.U32 => static (old, b, _) => Math.Min((uint)old, (uint)b),
            PtxType.S32 => static (old, b, _) => (uint)Math.Min((int)old, (int)b),
            PtxType.U64 => static (old, b, _) => Math.Min(old, b),
            PtxType.S64 => static (old, b, _) => (ulong)Math.Min((long)old, (long)b),
            _ => null,
        },
        PtxReduction.Max => type switch
        {
            PtxType.U32 => static (old, b, _) => Math.Max((uint)old, (uint)b),
            PtxType.S32 => static (old, b, _) => (uint)Math.Max((int)old, (int)b),
            PtxType.U64 => static (old, b, _) => Math.Max(old, b),
            PtxType.S64 => static (old, b, _) => (ulong)Math.Max((long)old, (long)b),
            _ => null,
        },
        _ => null,
    };

    private static AtomicFunction? CompareAndSwap(PtxType type) => type.Bits() switch
    {
        16 => static (old, b, c) => (ushort)old == (ushort)b ? c : old,
        32 => static (old, b, c) => (uint)old == (uint)b ? c : old,
        _ => static (old, b, c) => old == b ? c : old,
    };

    private static AtomicFunction? Add(PtxType type) => type switch
    {
        PtxType.U32 or PtxType.S32 => static (old, b, _) => unchecked((uint)old + (uint)b),
        PtxType.U64 or PtxType.S64 => static (old, b, _) => unchecked(old + b),
        PtxType.F32 => static (old, b, _) => FloatSlow.Bits(FloatSlow.Float(old) + FloatSlow.Float(b)),
        PtxType.F64 => static (old, b, _) => BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(old) + BitConverter.UInt64BitsToDouble(b)),
        PtxType.F16 => static (old, b, _) => AddNarrow(old, b, PtxType.F16),
        PtxType.BF16 => static (old, b, _) => AddNarrow(old, b, PtxType.BF16),
        PtxType.F16x2 => static (old, b, _) => AddNarrow(old & 0xFFFF, b & 0xFFFF, PtxType.F16) | AddNarrow(old >> 16 & 0xFFFF, b >> 16 & 0xFFFF, PtxType.F16) << 16,
        PtxType.BF16x2 => static (old, b, _) => AddNarrow(old & 0xFFFF, b & 0xFFFF, PtxType.BF16) | AddNarrow(old >> 16 & 0xFFFF, b >> 16 & 0xFFFF, PtxType.BF16) << 16,
        _ => null,
    };

    private static ulong AddNarrow(ulong a, ulong b, PtxType type)
    {
        (double sum, double error) = PtxMath.TwoSum(PtxMath.ToDouble(a, type), PtxMath.ToDouble(b, type));
        return PtxMath.FromDouble(PtxMath.ToOdd(sum, error), type, PtxRounding.Rn);
    }
}
