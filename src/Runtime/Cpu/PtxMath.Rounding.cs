using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu;

/// <summary>f32 and f64 arithmetic in every rounding mode, and rounding to the narrow formats.</summary>
internal static partial class PtxMath
{
    /// <summary>A binary format: significant bits with the hidden one, exponents of the least and greatest normal number.</summary>
    public readonly record struct Format(int Precision, int Least, int Greatest)
    {
        public static readonly Format F16 = new(11, -14, 15), BF16 = new(8, -126, 127), TF32 = new(11, -126, 127), F32 = new(24, -126, 127);

        /// <summary>The greatest finite number.</summary>
        public double Max => Math.ScaleB(2 - Math.ScaleB(1, 1 - Precision), Greatest);
    }

    public static float Add(float a, float b, PtxRounding rounding)
    {
        if (rounding is PtxRounding.None or PtxRounding.Rn) return a + b;
        (double sum, double error) = TwoSum(a, b);
        return sum == 0 ? (float)ZeroSum(a, b, rounding) : Direct(sum, error, rounding);
    }

    public static float Mul(float a, float b, PtxRounding rounding)
        => rounding is PtxRounding.None or PtxRounding.Rn ? a * b : Direct((double)a * b, 0, rounding);

    public static float Fma(float a, float b, float c, PtxRounding rounding)
    {
        if (rounding is PtxRounding.None or PtxRounding.Rn) return MathF.FusedMultiplyAdd(a, b, c);
        double product = (double)a * b;
        (double sum, double error) = TwoSum(product, c);
        return sum == 0 ? (float)ZeroSum(product, c, rounding) : Direct(sum, error, rounding);
    }

    public static float Div(float a, float b, PtxRounding rounding)
    {
        float quotient = a / b;
        if (rounding is PtxRounding.None or PtxRounding.Rn || !float.IsFinite(b) || !float.IsFinite(a) || b == 0 || a == 0) return quotient;
        // The double quotient of two floats is close enough that only its residual decides on which side the exact one lies.
        double close = (double)a / b;
        double residual = Math.FusedMultiplyAdd(-close, b, a);
        return Direct(close, residual == 0 ? 0 : Math.CopySign(double.Epsilon, residual * b), rounding);
    }

    public static float Sqrt(float a, PtxRounding rounding)
    {
        float root = MathF.Sqrt(a);
        if (rounding is PtxRounding.None or PtxRounding.Rn || !float.IsFinite(root) || root == 0) return root;
        double close = Math.Sqrt(a);
        double residual = Math.FusedMultiplyAdd(-close, close, a);
        return Direct(close, residual == 0 ? 0 : Math.CopySign(double.Epsilon, residual), rounding);
    }

    public static double Add(double a, double b, PtxRounding rounding)
    {
        if (rounding is PtxRounding.None or PtxRounding.Rn || !double.IsFinite(a) || !double.IsFinite(b)) return a + b;
        return a + b == 0 ? ZeroSum(a, b, rounding) : Exact(a, 1, b, rounding);
    }

    public static double Mul(double a, double b, PtxRounding rounding)
        => rounding is PtxRounding.None or PtxRounding.Rn || !double.IsFinite(a) || !double.IsFinite(b) || a == 0 || b == 0 ? a * b : Exact(a, b, 0, rounding);

    public static double Fma(double a, double b, double c, PtxRounding rounding)
    {
        double nearest = Math.FusedMultiplyAdd(a, b, c);
        if (rounding is PtxRounding.None or PtxRounding.Rn || !double.IsFinite(a) || !double.IsFinite(b) || !double.IsFinite(c)) return nearest;
        return a == 0 || b == 0 ? Add(a * b, c, rounding) : Exact(a, b, c, rounding);
    }

    public static double Div(double a, double b, PtxRounding rounding)
    {
        double quotient = a / b;
        if (rounding is PtxRounding.None or PtxRounding.Rn || !double.IsFinite(b) || !double.IsFinite(a) || b == 0 || a == 0) return quotient;
        // Enough bits of the exact quotient, with a sticky bit for the rest.
        (BigInteger x, int xe) = Parts(Math.Abs(a));
        (BigInteger y, int ye) = Parts(Math.Abs(b));
        BigInteger q = BigInteger.DivRem(x << 1200, y, out BigInteger rest);
        return Round((q << 1) + (rest.IsZero ? 0 : 1), xe - ye - 1201, double.IsNegative(a) != double.IsNegative(b), rounding);
    }

    public static double Sqrt(double a, PtxRounding rounding)
    {
        double root = Math.Sqrt(a);
        if (rounding is PtxRounding.None or PtxRounding.Rn || !double.IsFinite(root) || root == 0) return root;
        double residual = Math.FusedMultiplyAdd(-root, root, a);
        bool above = residual > 0, below = residual < 0;
        return rounding == PtxRounding.Rp ? above ? Math.BitIncrement(root) : root : below ? Math.BitDecrement(root) : root;
    }

    /// <summary>The f32 nearest to the exact value + error in the direction of the mode; |error| is below half an ulp of value.</summary>
    public static float Direct(double value, double error, PtxRounding rounding)
    {
        if (!double.IsFinite(value)) return (float)value;
        if (rounding is PtxRounding.None or PtxRounding.Rn) return (float)ToOdd(value, error);
        float nearest = (float)value;
        double difference = float.IsInfinity(nearest) ? -Math.CopySign(1, nearest) : value - nearest;
        double side = difference != 0 ? difference : error;
        if (rounding == PtxRounding.Rz) rounding = double.IsNegative(value) ? PtxRounding.Rp : PtxRounding.Rm;
        if (rounding == PtxRounding.Rp && side > 0) return MathF.BitIncrement(nearest);
        if (rounding == PtxRounding.Rm && side < 0) return MathF.BitDecrement(nearest);
        return nearest;
    }

    /// <summary>value rounded to a format, as a double that the format can hold; overflow gives infinity or the greatest number as the mode says.</summary>
    public static double Round(double value, Format format, PtxRounding rounding)
    {
        if (!double.IsFinite(value) || value == 0) return value;
        int quantum = Math.Max(Math.ILogB(value), format.Least) - (format.Precision - 1);
        double scaled = Math.ScaleB(value, -quantum);
        double whole = rounding switch
        {
            PtxRounding.Rz => Math.Truncate(scaled),
            PtxRounding.Rm => Math.Floor(scaled),
            PtxRounding.Rp => Math.Ceiling(scaled),
            PtxRounding.Rna => Math.Round(scaled, MidpointRounding.AwayFromZero),
            _ => Math.Round(scaled, MidpointRounding.ToEven),
        };
        double result = Math.CopySign(Math.ScaleB(whole, quantum), value);
        if (Math.Abs(result) <= format.Max) return result;
        bool saturates = rounding == PtxRounding.Rz || (rounding == PtxRounding.Rm && value > 0) || (rounding == PtxRounding.Rp && value < 0);
        return Math.CopySign(saturates ? format.Max : double.PositiveInfinity, value);
    }

    /// <summary>value + error rounded to odd: a second rounding to fewer than 52 bits is then as if from the exact sum.</summary>
    public static double ToOdd(double value, double error)
    {
        if (error == 0 || !double.IsFinite(value) || !double.IsFinite(error)) return value;
        long bits = BitConverter.DoubleToInt64Bits(value);
        if ((bits & 1) != 0) return value;
        return BitConverter.Int64BitsToDouble(error > 0 == value > 0 ? bits + 1 : bits - 1);
    }

    /// <summary>a + b as the nearest double and the exact rest.</summary>
    public static (double Sum, double Error) TwoSum(double a, double b)
    {
        double sum = a + b, other = sum - a;
        double error = a - (sum - other) + (b - other);
        return (sum, double.IsFinite(sum) ? error : 0);
    }

    /// <summary>The sign of an exact zero sum.</summary>
    private static double ZeroSum(double a, double b, PtxRounding rounding)
        => a == 0 && double.IsNegative(a) == double.IsNegative(b) ? a : rounding == PtxRounding.Rm ? -0.0 : 0.0;

    /// <summary>a · b + c, exactly and then rounded once.</summary>
    private static double Exact(double a, double b, double c, PtxRounding rounding)
    {
        (BigInteger x, int xe) = Parts(a);
        (BigInteger y, int ye) = Parts(b);
        (BigInteger z, int ze) = Parts(c);
        BigInteger product = x * y;
        int pe = xe + ye, e = z.IsZero ? pe : Math.Min(pe, ze);
        BigInteger sum = (product << pe - e) + (z.IsZero ? 0 : z << ze - e);
        if (sum.IsZero) return rounding == PtxRounding.Rm ? -0.0 : 0.0;
        return Round(BigInteger.Abs(sum), e, sum.Sign < 0, rounding);
    }

    /// <summary>magnitude · 2^exponent with a sign, rounded to a double in a directed mode.</summary>
    private static double Round(BigInteger magnitude, int exponent, bool negative, PtxRounding rounding)
    {
        int excess = Math.Max((int)magnitude.GetBitLength() - 53, -1074 - exponent);
        bool up = rounding == (negative ? PtxRounding.Rm : PtxRounding.Rp);
        if (excess > 0)
        {
            BigInteger kept = magnitude >> excess;
            bool exact = kept << excess == magnitude;
            magnitude = up && !exact ? kept + 1 : kept;
            exponent += excess;
        }
        double result = magnitude.GetBitLength() + exponent > 1024 ? up ? double.PositiveInfinity : double.MaxValue : Scale(magnitude, exponent);
        return negative ? -result : result;
    }

    private static double Scale(BigInteger magnitude, int exponent)
    {
        // In two steps, so that no power of two leaves the range of a double.
        double value = (double)magnitude;
        int half = exponent / 2;
        return Math.ScaleB(Math.ScaleB(value, half), exponent - half);
    }

    private static (BigInteger Mantissa, int Exponent) Parts(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52 & 0x7FF);
        long mantissa = bits & 0xFFFFFFFFFFFFF;
        if (exponent == 0) exponent = 1;
        else mantissa |= 1L << 52;
        return (bits < 0 ? -mantissa : mantissa, exponent - 1075);
    }
}
