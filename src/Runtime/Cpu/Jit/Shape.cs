using System.Numerics;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// How a register's value varies over the lanes of a warp. Unknown, then <c>base + Stride · lane</c>, then anything.
/// Where <see cref="Warp"/> holds, one base serves the warp; else every slice (one vector of 32-bit lanes) has its own.
/// Integer arithmetic is modulo the register's width; floats and predicates have stride 0.
/// </summary>
internal readonly record struct Shape(ShapeForm Form, long Stride, bool Warp, int Align)
{
    /// <summary>Alignment of zero.</summary>
    public const int MaxAlign = 40;

    public static readonly Shape Unknown = default;

    public static readonly Shape Varying = new(ShapeForm.Varying, 0, false, 0);

    /// <summary>The same in all lanes of a warp, a multiple of 2^align.</summary>
    public static Shape Uniform(int align = 0) => new(ShapeForm.Affine, 0, true, align);

    /// <summary>The same in all lanes of a slice.</summary>
    public static Shape SliceUniform(int align = 0) => new(ShapeForm.Affine, 0, false, align);

    /// <param name="align">The base is a multiple of 2^align.</param>
    public static Shape Affine(long stride, bool warp, int align) => new(ShapeForm.Affine, stride, warp, Math.Clamp(align, 0, MaxAlign));

    public bool IsUnknown => Form == ShapeForm.Unknown;

    public bool IsVarying => Form == ShapeForm.Varying;

    /// <summary>Held as a scalar base.</summary>
    public bool IsScalar => Form == ShapeForm.Affine;

    public bool IsUniform => Form == ShapeForm.Affine && Stride == 0 && Warp;

    /// <summary>The same in all lanes of each slice.</summary>
    public bool IsConstantInSlice => Form == ShapeForm.Affine && Stride == 0;

    /// <summary>Alignment of a slice's base.</summary>
    public int SliceAlign(int lanes) => Warp && Stride != 0 ? Math.Min(Align, Zeros(Stride) + BitOperations.Log2((uint)lanes)) : Align;

    /// <summary>The least shape that covers both.</summary>
    public Shape Join(Shape other)
    {
        if (IsUnknown) return other;
        if (other.IsUnknown || Equals(other)) return this;
        if (IsVarying || other.IsVarying || Stride != other.Stride) return Varying;
        return new Shape(ShapeForm.Affine, Stride, Warp && other.Warp, Math.Min(AlignAs(Warp && other.Warp), other.AlignAs(Warp && other.Warp)));
    }

    /// <summary>Trailing zero bits; <see cref="MaxAlign"/> for zero.</summary>
    public static int Zeros(long value) => value == 0 ? MaxAlign : Math.Min(MaxAlign, BitOperations.TrailingZeroCount(value));

    /// <summary>Without a warp-wide base the alignment must hold for every slice's base; four lanes are the narrowest slice.</summary>
    private int AlignAs(bool warp) => Warp && !warp ? SliceAlign(4) : Align;
}

/// <summary>Forms of a <see cref="Shape"/>, from least to most general.</summary>
internal enum ShapeForm : byte { Unknown, Affine, Varying }
