namespace MmKernels.Ptx;

/// <summary>A PTX fundamental or packed type, as in <c>.reg .f32</c> or <c>add.s32</c>.</summary>
public enum PtxType : byte
{
    None,
    Pred,
    B8, B16, B32, B64, B128,
    U8, U16, U32, U64,
    S8, S16, S32, S64,
    U16x2, S16x2,
    F16, F16x2, BF16, BF16x2, TF32, F32, F64,
    E4M3, E5M2, E4M3x2, E5M2x2,
}

/// <summary>Facts about a <see cref="PtxType"/>.</summary>
public static class PtxTypes
{
    private static readonly string[] names =
    [
        "", "pred", "b8", "b16", "b32", "b64", "b128", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "u16x2", "s16x2",
        "f16", "f16x2", "bf16", "bf16x2", "tf32", "f32", "f64", "e4m3", "e5m2", "e4m3x2", "e5m2x2",
    ];

    /// <summary>The name without its dot, for example <c>f32</c>.</summary>
    public static string Name(this PtxType type) => names[(int)type];

    /// <summary>Bits of one value; a predicate has one, <see cref="PtxType.None"/> has none.</summary>
    public static int Bits(this PtxType type) => type switch
    {
        PtxType.None => 0,
        PtxType.Pred => 1,
        PtxType.B8 or PtxType.U8 or PtxType.S8 or PtxType.E4M3 or PtxType.E5M2 => 8,
        PtxType.B16 or PtxType.U16 or PtxType.S16 or PtxType.F16 or PtxType.BF16 or PtxType.E4M3x2 or PtxType.E5M2x2 => 16,
        PtxType.B64 or PtxType.U64 or PtxType.S64 or PtxType.F64 => 64,
        PtxType.B128 => 128,
        _ => 32,
    };

    /// <summary>Bytes of one value in memory; a predicate has no place in memory (0).</summary>
    public static int Bytes(this PtxType type) => type.Bits() / 8;

    /// <summary>True for the floating-point types, packed ones included.</summary>
    public static bool IsFloat(this PtxType type) => type >= PtxType.F16;

    /// <summary>True for the signed integer types.</summary>
    public static bool IsSigned(this PtxType type) => type is >= PtxType.S8 and <= PtxType.S64;

    /// <summary>True for the signed and unsigned integer types.</summary>
    public static bool IsInteger(this PtxType type) => type is >= PtxType.U8 and <= PtxType.S64;

    /// <summary>True for the untyped <c>.b8</c> to <c>.b128</c>.</summary>
    public static bool IsUntyped(this PtxType type) => type is >= PtxType.B8 and <= PtxType.B128;

    /// <summary>The type of that name (without a dot), or <see cref="PtxType.None"/>.</summary>
    public static PtxType Parse(ReadOnlySpan<char> name)
    {
        for (int i = 1; i < names.Length; i++)
            if (name.SequenceEqual(names[i])) return (PtxType)i;
        return PtxType.None;
    }
}
