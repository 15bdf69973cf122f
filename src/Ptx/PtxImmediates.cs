namespace MmKernels.Ptx;

/// <summary>What an immediate means as a value of a type.</summary>
public static class PtxImmediates
{
    /// <summary>
    /// The bits of the immediate in a register of that type: an integer is truncated to the width; a float literal is
    /// converted between f32 and f64 for a float type, and keeps its bits for an untyped or integer one.
    /// </summary>
    public static ulong BitsFor(ImmediateOperand immediate, PtxType type)
    {
        ulong bits = immediate.Bits;
        if (immediate.Kind == PtxImmediateKind.F64 && type is PtxType.F32 or PtxType.TF32)
            bits = BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(bits));
        else if (immediate.Kind == PtxImmediateKind.F32 && type == PtxType.F64)
            bits = BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle((uint)bits));
        else if (immediate.Kind != PtxImmediateKind.Integer && type == PtxType.F16)
            bits = BitConverter.HalfToUInt16Bits((Half)ToDouble(immediate));
        else if (immediate.Kind != PtxImmediateKind.Integer && type == PtxType.BF16)
            bits = BitConverter.SingleToUInt32Bits((float)ToDouble(immediate)) >> 16;
        else if (immediate.Kind == PtxImmediateKind.Integer && type == PtxType.F32)
            bits = BitConverter.SingleToUInt32Bits((long)bits);
        else if (immediate.Kind == PtxImmediateKind.Integer && type == PtxType.F64)
            bits = BitConverter.DoubleToUInt64Bits((long)bits);
        int width = type.Bits();
        return width is 0 or >= 64 ? bits : bits & ((1ul << width) - 1);
    }

    private static double ToDouble(ImmediateOperand immediate)
        => immediate.Kind == PtxImmediateKind.F32 ? BitConverter.UInt32BitsToSingle((uint)immediate.Bits) : BitConverter.UInt64BitsToDouble(immediate.Bits);
}
