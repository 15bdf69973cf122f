namespace MmKernels.Data;

/// <summary>The 8-bit floats of safetensors (OCP 8-bit Floating Point 1.0; the fnuz kinds: arXiv:2206.02915; E8M0: OCP Microscaling Formats 1.0).</summary>
internal static class Float8
{
    /// <summary>1-4-3, bias 7, no infinities, NaN where all bits but the sign are set.</summary>
    public static float E4M3(byte bits) => (bits & 0x7F) == 0x7F ? float.NaN : Value(bits, 3, 7);

    /// <summary>1-5-2, bias 15, with infinities and NaN: the top byte of a half.</summary>
    public static float E5M2(byte bits) => (float)BitConverter.UInt16BitsToHalf((ushort)(bits << 8));

    /// <summary>1-4-3, bias 8; the pattern of minus zero is the only NaN.</summary>
    public static float E4M3Fnuz(byte bits) => bits == 0x80 ? float.NaN : Value(bits, 3, 8);

    /// <summary>1-5-2, bias 16; the pattern of minus zero is the only NaN.</summary>
    public static float E5M2Fnuz(byte bits) => bits == 0x80 ? float.NaN : Value(bits, 2, 16);

    /// <summary>A power of two with bias 127; 255 is NaN.</summary>
    public static float E8M0(byte bits) => bits == 0xFF ? float.NaN : MathF.ScaleB(1f, bits - 127);

    private static float Value(byte bits, int mantissaBits, int bias)
    {
        int exponent = (bits & 0x7F) >> mantissaBits, mantissa = bits & ((1 << mantissaBits) - 1);
        float magnitude = exponent == 0
            ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits)
            : MathF.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return bits >= 0x80 ? -magnitude : magnitude;
    }
}
