using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MmKernels.Dialect;

namespace MmKernels.Tests.Kernels;

/// <summary>A function of C# that gives the same result called by .NET and inside a kernel.</summary>
internal interface IFeature
{
    static abstract long Of(int x, float f);
}

/// <summary>Calls a feature once per thread.</summary>
internal static class Features
{
    internal static void Apply<TFeature>(In<int> x, In<float> f, Out<long> y) where TFeature : struct, IFeature
    {
        int i = Group.IdxX;
        y[i] = TFeature.Of(x[i], f[i]);
    }
}

internal struct StackallocIndexedAtRunTime : IFeature
{
    public static long Of(int x, float f)
    {
        Span<int> a = stackalloc int[8];
        for (int i = 0; i < a.Length; i++) a[i] = x * i + 1;
        a[x & 7] += 100;
        int sum = 0;
        foreach (int v in a) sum = sum * 31 + v;
        return sum;
    }
}

internal struct StackallocInRegisters : IFeature
{
    public static long Of(int x, float f)
    {
        Span<long> a = stackalloc long[3];
        a[0] = x;
        a[2] = a[0] * 3 + a[1];
        return a[2] - a[^3];
    }
}

internal struct StackallocInALoopIsZeroed : IFeature
{
    public static long Of(int x, float f)
    {
        int sum = 0;
        for (int i = 0; i < (x & 3) + 1; i++) sum += Count(x + i);
        return sum;
    }

    private static int Count(int x)
    {
        Span<int> bins = stackalloc int[4];
        for (int i = 0; i < 5; i++) bins[(x >> i) & 3]++;
        return bins[0] + 10 * bins[1] + 100 * bins[2] + 1000 * bins[3];
    }
}

internal struct StackallocWithInitialisers : IFeature
{
    public static long Of(int x, float f)
    {
        Span<short> a = stackalloc short[] { 3, -4, 5, 700 };
        ReadOnlySpan<short> tail = a[1..];
        return tail[x & 1] + tail.Length;
    }
}

internal struct SpansArePartsOfSpans : IFeature
{
    public static long Of(int x, float f)
    {
        Span<float> a = stackalloc float[6];
        Fill(a.Slice(2), f);
        Fill(a.Slice(1, 2), 1f);
        ReadOnlySpan<float> read = a;
        return (long)(read[1] + read[2] * 10f) + read.Slice(1, 2).Length + (read.IsEmpty ? 1 : 0);
    }

    private static void Fill(Span<float> part, float value)
    {
        for (int i = 0; i < part.Length; i++) part[i] = value > 100f ? 100f : value;
    }
}

internal struct ReferencesAsArguments : IFeature
{
    public static long Of(int x, float f)
    {
        int a = x, b = x ^ 5;
        Order(ref a, ref b);
        Twice(in a, out long twice);
        ref int smaller = ref Smaller(ref a, ref b);
        smaller += 3;
        return twice + a * 7L + b;
    }

    private static void Order(ref int a, ref int b)
    {
        if (a > b) (a, b) = (b, a);
    }

    private static void Twice(in int a, out long result) => result = 2L * a;

    private static ref int Smaller(ref int a, ref int b) => ref a < b ? ref a : ref b;
}

internal readonly struct Complex(float re, float im)
{
    public float Re { get; } = re;

    public float Im { get; } = im;

    public float Norm => Re * Re + Im * Im;

    public static Complex operator +(Complex a, Complex b) => new(a.Re + b.Re, a.Im + b.Im);

    public static Complex operator *(Complex a, Complex b) => new(a.Re * b.Re - a.Im * b.Im, a.Re * b.Im + a.Im * b.Re);

    public static implicit operator Complex(float re) => new(re, 0f);

    public static bool operator ==(Complex a, Complex b) => a.Re == b.Re && a.Im == b.Im;

    public static bool operator !=(Complex a, Complex b) => !(a == b);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Complex other && this == other;

    public override int GetHashCode() => 0;
}

internal struct StructsWithOperators : IFeature
{
    public static long Of(int x, float f)
    {
        Complex z = 0f, c = new(f * 0.001f, 0.25f);
        int n = 0;
        while (n < 12 && z.Norm < 4f)
        {
            z = z * z + c;
            n++;
        }
        return z == c ? -n : n;
    }
}

internal record struct Counter(int Value, byte Steps)
{
    public void Step(int by)
    {
        Value += by;
        Steps++;
    }

    public readonly Counter Next() => this with { Value = Value + 1 };
}

internal struct MutableRecordStructs : IFeature
{
    public static long Of(int x, float f)
    {
        var counter = new Counter(x, 250);
        for (int i = 0; i < 10; i++) counter.Step(i);
        (int value, byte steps) = counter.Next();
        return value * 1000L + steps;
    }
}

internal struct Tuples : IFeature
{
    public static long Of(int x, float f)
    {
        (int Low, long High) pair = Split(x);
        (pair.Low, pair.High) = ((int)pair.High, pair.Low);
        var ((a, b), c) = ((pair.Low, f > 0f), (short)x);
        return a + (b ? 1 : 2) + c + pair.High;
    }

    private static (int, long) Split(int x) => (x & 0xFFFF, x >> 16);
}

internal enum Shade : byte { Dark, Dim = 3, Bright = 200 }

[Flags]
internal enum Wide : long { None = 0, Low = 1, High = 1L << 40 }

internal struct SwitchesAndEnums : IFeature
{
    public static long Of(int x, float f)
    {
        var shade = (Shade)(byte)x;
        int which = shade switch { Shade.Dark => 1, Shade.Dim => 2, Shade.Bright => 3, _ => 4 };
        Wide wide = (x & 1) != 0 ? Wide.High | Wide.Low : Wide.None;
        int band = x switch { < -1000 => -3, >= -1000 and < 0 => -2, 0 or 1 or 2 => 0, 7 => 70, > 100 when f > 0f => 5, _ => 9 };
        switch (x & 7)
        {
            case 0: band++; goto case 3;
            case 1: band += 2; break;
            case 3: band += 30; goto default;
            case 6: return band;
            default: band += 400; break;
        }
        return which + 10 * band + (long)(wide & Wide.High);
    }
}

internal struct SwitchOfManyCases : IFeature
{
    public static long Of(int x, float f)
    {
        long n = x * 3L;
        int big = n switch { 3_000_000_000L => 1, -3L => 2, 21L => 3, _ => 4 };
        return big + 10 * ((x & 31) switch
        {
            0 => 17, 1 => 3, 2 => 5, 3 => 9, 4 => 1, 5 => 44, 6 => 3, 7 => 8, 8 => 91, 9 => 2, 10 => 6, 11 => 7, 12 => 13, 13 => 15, 14 => 16, 15 => 18,
            16 => 19, 17 => 20, 18 => 21, 19 => 22, 20 => 23, 21 => 24, 22 => 25, 23 => 26, 24 => 27, 25 => 28, 26 => 29, 27 => 30, 28 => 31, 29 => 32, 30 => 33, _ => 34,
        });
    }
}

internal struct ConstantsOfTheClass : IFeature
{
    private const double Third = 1.0 / 3;
    private static readonly float computed = MathF.Sin(1f);
    private static readonly Shade shade = Shade.Bright;
    private static readonly Complex unit = new(0f, 1f);
    private static readonly ulong large = ulong.MaxValue - 5;

    public static long Of(int x, float f) => (long)(Third * x) + (long)(computed * 1000f) + (int)shade + (long)(unit.Im * 5f) + (long)(large >> 3);
}

internal struct PartialUnrolling : IFeature
{
    public static long Of(int x, float f)
    {
        int n = x & 63, sum = 0;
        for (int i = 0; i < n; i += 4)
            for (int j = Unroll.From(0); j < 4; j++)
                if (i + j < n) sum = sum * 7 + i + j;
        return sum;
    }
}

internal struct JumpsOutOfLoops : IFeature
{
    public static long Of(int x, float f)
    {
        int found = -1;
        for (int i = 0; i < 20; i++)
        {
            if ((x + i) % 3 == 0) continue;
            int j = i;
            do
            {
                if (j * j == (x & 255)) goto done;
                if (j > 15) break;
                j += 2;
            }
            while (true);
            found += j;
        }
        return found;
    done:
        return found * 1000L;
    }
}

internal struct LoopWithTwoEntries : IFeature
{
    public static long Of(int x, float f)
    {
        int n = x & 15, sum = 0;
        if (f > 0f) goto middle;
    top:
        sum += n;
    middle:
        sum = sum * 3 + 1;
        if (n-- > 0) goto top;
        return sum;
    }
}

internal struct LocalFunctionsThatCapture : IFeature
{
    public static long Of(int x, float f)
    {
        int total = x;
        Add(3);
        Add(x & 7);
        return total * Scale(2);

        void Add(int by) => total += by + (int)(f > 1f ? 1f : 0f);

        static int Scale(int by) => by * 5;
    }
}

internal struct NullableNumbers : IFeature
{
    public static long Of(int x, float f)
    {
        int? half = (x & 1) == 0 ? x / 2 : null;
        return (half ?? -1) + (half.HasValue ? 100 : 0) + half.GetValueOrDefault(7);
    }
}

internal struct WholeNumberConversions : IFeature
{
    public static long Of(int x, float f)
    {
        long l = x * 0x1_0000_0001L;
        return (byte)x + (sbyte)x + (short)x + (ushort)x + (char)x + (uint)x + (long)(ulong)x + (int)l + (byte)l + (sbyte)(l >> 3) + (long)(uint)l + (nint)x + (long)(nuint)(uint)x;
    }
}

internal struct RealToWholeConversions : IFeature
{
    public static long Of(int x, float f)
    {
        double d = f * 1e3;
        long sum = (int)f;
        sum = sum * 31 + (uint)f;
        sum = sum * 31 + (long)f;
        sum = sum * 31 + (long)(ulong)f;
        sum = sum * 31 + (byte)f + (sbyte)f + (short)f + (ushort)f + (char)f;
        sum = sum * 31 + (int)d + (uint)d;
        sum = sum * 31 + (long)d;
        return sum * 31 + (long)(ulong)d + (byte)d + (short)d;
    }
}

internal struct WholeToRealConversions : IFeature
{
    public static long Of(int x, float f)
    {
        ulong u = (ulong)x * 0x9E3779B97F4A7C15;
        return BitConverter.SingleToInt32Bits((float)u) + BitConverter.SingleToInt32Bits((float)(long)u) + BitConverter.DoubleToInt64Bits((double)u)
            + BitConverter.SingleToInt32Bits((uint)x) + BitConverter.SingleToInt32Bits((byte)x) + BitConverter.DoubleToInt64Bits((uint)x);
    }
}

internal struct Shifts : IFeature
{
    public static long Of(int x, float f)
    {
        int n = x >> 3;
        long l = x * 1000003L;
        byte b = (byte)x;
        return (x << n) + (x >> n) + (x >>> n) + (l << n) + (l >> n) + (l >>> n) + (b << n) + ((uint)x >> n) + (long)((ulong)l >> n) + (x << 33) + (l >> 65);
    }
}

internal struct MinimaAndMaxima : IFeature
{
    public static long Of(int x, float f)
    {
        double d = f;
        long sum = Bits(MathF.Min(f, 1f)) + Bits(MathF.Max(f, 1f)) + Bits(Math.Min(1f, f)) + Bits((float)Math.Max(d, 2.0)) + Bits(float.Min(f, -3f)) + Bits(XMath.Max(f, 2f));
        sum += Math.Min(x, 9) + Math.Max((uint)x, 9u) + Math.Min((long)x, -5L) + (long)Math.Max((ulong)x, 5UL) + Math.Min((byte)x, (byte)77) + Math.Max((short)x, (short)-9);
        return sum + int.Max(x, 4) + Math.Clamp(x, -10, 10) + Math.Clamp((uint)x, 3u, 10u) + Bits(Math.Clamp(f, -1f, 1f)) + long.Clamp(x, 0, 9) + Math.Sign(x);
    }

    private static int Bits(float v) => float.IsNaN(v) ? 5 : BitConverter.SingleToInt32Bits(v);
}

internal struct FunctionsOfMath : IFeature
{
    public static long Of(int x, float f)
    {
        float g = MathF.Abs(f) + 0.25f;
        double d = Math.Sqrt(Math.Abs((double)f)) + Math.Floor(-f) + Math.Ceiling(0.3 * f) + Math.Truncate(d: 1.7 * f) + Math.Round(2.5 * f);
        long sum = BitConverter.SingleToInt32Bits(MathF.Sqrt(g) + MathF.Round(f) + MathF.Floor(f) + MathF.Ceiling(f) + MathF.Truncate(f) + MathF.CopySign(g, -f));
        sum += double.IsNaN(d) ? 3 : BitConverter.DoubleToInt64Bits(d);
        sum += float.IsNaN(f) ? 1 : 0;
        sum += (float.IsInfinity(f) ? 2 : 0) + (float.IsFinite(f) ? 4 : 0) + (float.IsNegative(f) ? 8 : 0) + (float.IsPositiveInfinity(f) ? 16 : 0);
        return sum + Math.BigMul(x, 77777) + Math.Abs((long)x);
    }
}

internal struct BitTricks : IFeature
{
    public static long Of(int x, float f)
    {
        ulong u = (ulong)x * 0x9E3779B97F4A7C15;
        return System.Numerics.BitOperations.PopCount(u) + System.Numerics.BitOperations.LeadingZeroCount((uint)x) + System.Numerics.BitOperations.LeadingZeroCount(u)
            + System.Numerics.BitOperations.TrailingZeroCount(x) + System.Numerics.BitOperations.TrailingZeroCount(u) + System.Numerics.BitOperations.Log2((uint)x)
            + System.Numerics.BitOperations.RotateLeft((uint)x, x & 63) + (long)System.Numerics.BitOperations.RotateRight(u, 13) + int.PopCount(x) + (System.Numerics.BitOperations.IsPow2(x) ? 1 : 0);
    }
}

internal struct HalfPrecision : IFeature
{
    public static long Of(int x, float f)
    {
        F16 a = (F16)f;
        BF16 b = (BF16)(a + 1f);
        Half h = (Half)f;
        float sum = a * 2f + b + (float)h;
        return float.IsNaN(sum) ? 1 : BitConverter.SingleToInt32Bits(sum);
    }
}

internal interface IScale
{
    static abstract float Factor { get; }

    static virtual int Power => 2;

    static abstract TNumber Of<TNumber>(TNumber x) where TNumber : System.Numerics.INumber<TNumber>;
}

internal struct Threefold : IScale
{
    public static float Factor => 3f;

    public static TNumber Of<TNumber>(TNumber x) where TNumber : System.Numerics.INumber<TNumber> => x + x + TNumber.One;
}

internal struct GenericMembers : IFeature
{
    public static long Of(int x, float f) => Scaled<Threefold, int>(x, f) + Scaled<Threefold, long>(x, f);

    private static long Scaled<TScale, TNumber>(TNumber x, float f) where TScale : struct, IScale where TNumber : unmanaged, System.Numerics.INumber<TNumber>
    {
        TNumber larger = TScale.Of(x) > x ? TScale.Of(x) : x;
        return (larger == TNumber.Zero ? 1 : 2) + TScale.Power + (long)(TScale.Factor * (f > 50f ? 50f : f));
    }
}

internal interface IHasArea
{
    float Area();
}

internal struct Square(float side) : IHasArea
{
    public readonly float Area() => side * side;
}

internal struct InterfaceOfATypeArgument : IFeature
{
    public static long Of(int x, float f) => (long)AreaOf(new Square(x & 15));

    private static float AreaOf<TShape>(TShape shape) where TShape : struct, IHasArea => shape.Area();
}

[InlineArray(4)]
internal struct Row4
{
    private int first;
}

[InlineArray(3)]
internal struct Table3x4
{
    private Row4 first;
}

internal struct NestedInlineArrays : IFeature
{
    public static long Of(int x, float f)
    {
        Table3x4 table = default;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 4; j++) table[i][j] = x * i + j;
        table[x & 1][2]++;
        Row4 row = table[2];
        row[3] = 7;
        return table[1][x & 3] + row[3] * 5L + table[2][3];
    }
}

internal ref struct Window
{
    public ref int Last;
    public Span<int> Items;

    public readonly int Sum()
    {
        int sum = Last;
        foreach (int item in Items) sum += item;
        return sum;
    }
}

internal struct RefStructs : IFeature
{
    public static long Of(int x, float f)
    {
        Span<int> items = stackalloc int[4];
        items[1] = x;
        int last = 5;
        Window window = new() { Items = items, Last = ref last };
        window.Last += 3;
        window.Items[2] = 9;
        return window.Sum() + last;
    }
}

internal struct Iterations
{
    private int left;

    public Iterations(int count) => left = count;

    public readonly Iterations GetEnumerator() => this;

    public readonly int Current => left;

    public bool MoveNext() => --left >= 0;
}

internal struct EnumeratorsOfStructs : IFeature
{
    public static long Of(int x, float f)
    {
        long sum = 0;
        foreach (int i in new Iterations(x & 15)) sum = sum * 3 + i;
        return sum;
    }
}

internal struct Characters : IFeature
{
    public static long Of(int x, float f)
    {
        char c = (char)('a' + (x & 15));
        return c is >= 'a' and <= 'f' ? c - 'a' + 10 : c;
    }
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Packed
{
    public byte Tag;
    public int Value;
}

internal struct SizesOfTypes : IFeature
{
    public static long Of(int x, float f) => Unsafe.SizeOf<Packed>() + 10 * Unsafe.SizeOf<Counter>() + 1000 * Interop.SizeOf<Table3x4>() + sizeof(double) + Unsafe.SizeOf<Shade>();
}
