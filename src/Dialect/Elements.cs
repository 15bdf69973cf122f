namespace MmKernels.Dialect;

/// <summary>
/// A storage type of floating-point tensors. Kernels are generic over it: they read elements as <c>float</c>, compute in <c>float</c>, and round once when storing.
/// <code>float v = x[i]; y[i] = (T)(v * scale);</code>
/// </summary>
public interface IElement<TSelf> where TSelf : unmanaged, IElement<TSelf>
{
    /// <summary>The tensor type that this is the storage of.</summary>
    static abstract DType DType { get; }

    /// <summary>Widens exactly.</summary>
    static abstract implicit operator float(TSelf value);

    /// <summary>Rounds to nearest, ties to even.</summary>
    static abstract explicit operator TSelf(float value);
}

/// <summary>32-bit IEEE 754.</summary>
public readonly struct F32 : IElement<F32>
{
    private readonly float value;

    private F32(float value) => this.value = value;

    public static DType DType => DType.F32;

    public static implicit operator float(F32 value) => value.value;

    public static explicit operator F32(float value) => new(value);
}

/// <summary>16-bit IEEE 754: 5 bits of exponent, 10 of fraction.</summary>
public readonly struct F16 : IElement<F16>
{
    private readonly ushort bits;

    private F16(ushort bits) => this.bits = bits;

    public static DType DType => DType.F16;

    [Intrinsic] public static implicit operator float(F16 value) => (float)BitConverter.UInt16BitsToHalf(value.bits);

    [Intrinsic] public static explicit operator F16(float value) => new(BitConverter.HalfToUInt16Bits((Half)value));
}

/// <summary>The upper half of an <see cref="F32"/>: 8 bits of exponent, 7 of fraction.</summary>
public readonly struct BF16 : IElement<BF16>
{
    private readonly ushort bits;

    private BF16(ushort bits) => this.bits = bits;

    public static DType DType => DType.BF16;

    [Intrinsic] public static implicit operator float(BF16 value) => BitConverter.UInt32BitsToSingle((uint)value.bits << 16);

    [Intrinsic]
    public static explicit operator BF16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return new((ushort)0x7FFF);
        return new((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }
}
