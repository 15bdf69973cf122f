using System.Globalization;
using System.Numerics;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Python's arithmetic: integers of any size (here bounded), floor division, true division, booleans as 0 and 1.</summary>
internal static class PyNumbers
{
    private const long MostBits = 20_000;

    public static bool IsNumber(object? value) => value is bool or long or double or BigInteger;

    public static bool IsInteger(object? value) => value is bool or long or BigInteger;

    /// <summary>The integer as long where it fits.</summary>
    public static object Fit(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue) return (long)value;
        if (value.GetBitLength() > MostBits) throw TextErrors.TemplateLimit($"an integer of more than {MostBits} bits");
        return value;
    }

    public static BigInteger Big(object value) => value switch { bool b => b ? 1 : 0, long n => n, BigInteger n => n, double d => new BigInteger(d), _ => 0 };

    public static double Double(object value) => value switch { bool b => b ? 1 : 0, long n => n, BigInteger n => (double)n, double d => d, _ => 0 };

    /// <summary>An integer that fits 64 bits, for indices and counts; larger ones are clamped.</summary>
    public static long Long(object value) => value switch
    {
        bool b => b ? 1 : 0,
        long n => n,
        BigInteger n => n.Sign > 0 ? long.MaxValue : long.MinValue,
        _ => 0,
    };

    /// <summary>-1, 0 or 1; 2 where one is not a number.</summary>
    public static int Compare(object a, object b)
    {
        if (a is long x && b is long y) return x.CompareTo(y);
        if (IsInteger(a) && IsInteger(b)) return Math.Sign(Big(a).CompareTo(Big(b)));
        double left = Double(a), right = Double(b);
        return left < right ? -1 : left > right ? 1 : left == right ? 0 : 2;
    }

    public static object Add(object a, object b) => IsInteger(a) && IsInteger(b)
        ? a is long x && b is long y && !Overflows(x, y) ? x + y : Fit(Big(a) + Big(b)) : Double(a) + Double(b);

    public static object Subtract(object a, object b) => IsInteger(a) && IsInteger(b) ? Fit(Big(a) - Big(b)) : Double(a) - Double(b);

    public static object Multiply(object a, object b) => IsInteger(a) && IsInteger(b) ? Fit(Big(a) * Big(b)) : Double(a) * Double(b);

    public static object Divide(object a, object b)
    {
        double divisor = Double(b);
        return divisor == 0 ? throw TextErrors.TemplateFailed("ZeroDivisionError", IsInteger(a) && IsInteger(b) ? "division by zero" : "float division by zero") : Double(a) / divisor;
    }

    public static object FloorDivide(object a, object b)
    {
        if (!IsInteger(a) || !IsInteger(b))
            return Double(b) == 0 ? throw TextErrors.TemplateFailed("ZeroDivisionError", "float floor division by zero") : Math.Floor(Double(a) / Double(b));
        BigInteger divisor = Big(b);
        if (divisor.IsZero) throw TextErrors.TemplateFailed("ZeroDivisionError", "integer division or modulo by zero");
        BigInteger quotient = BigInteger.DivRem(Big(a), divisor, out BigInteger rest);
        return Fit(!rest.IsZero && rest.Sign != divisor.Sign ? quotient - 1 : quotient);
    }

    public static object Modulo(object a, object b)
    {
        if (!IsInteger(a) || !IsInteger(b))
        {
            double divisor = Double(b);
            if (divisor == 0) throw TextErrors.TemplateFailed("ZeroDivisionError", "float modulo");
            double rest = Double(a) % divisor;
            return rest != 0 && rest < 0 != divisor < 0 ? rest + divisor : rest;
        }
        BigInteger modulus = Big(b);
        if (modulus.IsZero) throw TextErrors.TemplateFailed("ZeroDivisionError", "integer modulo by zero");
        BigInteger remainder = Big(a) % modulus;
        return Fit(!remainder.IsZero && remainder.Sign != modulus.Sign ? remainder + modulus : remainder);
    }

    public static object Power(object a, object b)
    {
        if (!IsInteger(a) || !IsInteger(b) || Big(b).Sign < 0)
        {
            if (Double(a) == 0 && Double(b) < 0) throw TextErrors.TemplateFailed("ZeroDivisionError", "0.0 cannot be raised to a negative power");
            return Math.Pow(Double(a), Double(b));
        }
        BigInteger value = Big(a), exponent = Big(b);
        if (BigInteger.Abs(value) <= 1) return Fit(BigInteger.Pow(value, (int)(exponent % 2) + (exponent.IsZero ? 0 : 2)));
        if (exponent * value.GetBitLength() > 2 * MostBits) throw TextErrors.TemplateLimit($"an integer of more than {MostBits} bits");
        return Fit(BigInteger.Pow(value, (int)exponent));
    }

    public static object Negate(object a) => IsInteger(a) ? Fit(-Big(a)) : -Double(a);

    /// <summary>repr() of a float: the shortest digits that read back, as Python lays them out.</summary>
    public static string Text(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        string scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        int exponent = value == 0 ? 0 : Exponent(shortest, scientific);
        if (exponent is >= -4 and < 16)
        {
            string fixedPoint = shortest.Contains('E') ? Expand(shortest) : shortest;
            return fixedPoint.Contains('.') ? fixedPoint : fixedPoint + ".0";
        }
        string digits = Digits(shortest, out bool negative);
        string mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
        return $"{(negative ? "-" : "")}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static bool Overflows(long x, long y)
    {
        long sum = unchecked(x + y);
        return ((x ^ sum) & (y ^ sum)) < 0;
    }

    /// <summary>The decimal exponent of the shortest form, which rounding may have carried past that of the 17 digits.</summary>
    private static int Exponent(string shortest, string scientific)
    {
        int e = shortest.IndexOf('E');
        if (e >= 0) return int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string plain = shortest.TrimStart('-');
        int point = plain.IndexOf('.');
        string whole = point < 0 ? plain : plain[..point];
        if (whole != "0") return whole.Length - 1;
        return int.Parse(scientific.AsSpan(scientific.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private static string Digits(string shortest, out bool negative)
    {
        negative = shortest[0] == '-';
        string mantissa = shortest.TrimStart('-');
        int e = mantissa.IndexOf('E');
        if (e >= 0) mantissa = mantissa[..e];
        string digits = mantissa.Replace(".", "").TrimStart('0').TrimEnd('0');
        return digits.Length == 0 ? "0" : digits;
    }

    private static string Expand(string shortest)
        => decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
}
