using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Scalar steps that are more than an IL instruction; called from generated code. PTX's rules for zero divisors and long shifts are the interpreter's.</summary>
internal static class ScalarMath
{
    private static readonly ConcurrentDictionary<string, MethodInfo> methods = new();

    /// <summary>The method of that name, here or in <see cref="PtxMath"/>.</summary>
    public static MethodInfo Method(string name)
        => methods.GetOrAdd(name, n => typeof(ScalarMath).GetMethod(n) ?? typeof(PtxMath).GetMethod(n) ?? throw new MissingMethodException(nameof(ScalarMath), n));

    public static int DivS32(int a, int b) => b == 0 ? -1 : b == -1 ? -a : a / b;

    public static int DivU32(int a, int b) => b == 0 ? -1 : (int)((uint)a / (uint)b);

    public static int RemS32(int a, int b) => b == 0 ? a : b == -1 ? 0 : a % b;

    public static int RemU32(int a, int b) => b == 0 ? a : (int)((uint)a % (uint)b);

    public static long DivS64(long a, long b) => b == 0 ? -1 : b == -1 ? -a : a / b;

    public static long DivU64(long a, long b) => b == 0 ? -1 : (long)((ulong)a / (ulong)b);

    public static long RemS64(long a, long b) => b == 0 ? a : b == -1 ? 0 : a % b;

    public static long RemU64(long a, long b) => b == 0 ? a : (long)((ulong)a % (ulong)b);

    public static int Shl32(int a, int by) => (uint)by >= 32 ? 0 : a << by;

    public static int ShrU32(int a, int by) => (uint)by >= 32 ? 0 : (int)((uint)a >> by);

    public static int ShrS32(int a, int by) => (uint)by >= 32 ? a >> 31 : a >> by;

    public static long Shl64(long a, int by) => (uint)by >= 64 ? 0 : a << by;

    public static long ShrU64(long a, int by) => (uint)by >= 64 ? 0 : (long)((ulong)a >> by);

    public static long ShrS64(long a, int by) => (uint)by >= 64 ? a >> 63 : a >> by;

    public static int MulHiS32(int a, int b) => (int)((long)a * b >> 32);

    public static int MulHiU32(int a, int b) => (int)((ulong)(uint)a * (uint)b >> 32);

    public static long MulHiS64(long a, long b) => Math.BigMul(a, b, out _);

    public static long MulHiU64(long a, long b) => (long)Math.BigMul((ulong)a, (ulong)b, out _);

    public static int Popc32(int a) => BitOperations.PopCount((uint)a);

    public static int Popc64(long a) => BitOperations.PopCount((ulong)a);

    public static int TrailingZeros(uint a) => BitOperations.TrailingZeroCount(a);

    public static int Clz32(int a) => BitOperations.LeadingZeroCount((uint)a);

    public static int Clz64(long a) => BitOperations.LeadingZeroCount((ulong)a);

    public static int MinS32(int a, int b) => Math.Min(a, b);

    public static int MaxS32(int a, int b) => Math.Max(a, b);

    public static int MinU32(int a, int b) => (int)Math.Min((uint)a, (uint)b);

    public static int MaxU32(int a, int b) => (int)Math.Max((uint)a, (uint)b);

    public static long MinS64(long a, long b) => Math.Min(a, b);

    public static long MaxS64(long a, long b) => Math.Max(a, b);

    public static long MinU64(long a, long b) => (long)Math.Min((ulong)a, (ulong)b);

    public static long MaxU64(long a, long b) => (long)Math.Max((ulong)a, (ulong)b);

    public static int AbsS32(int a) => a < 0 ? -a : a;

    public static long AbsS64(long a) => a < 0 ? -a : a;

    public static float MinF32(float a, float b) => (float)MinF64(a, b);

    public static float MaxF32(float a, float b) => (float)MaxF64(a, b);

    // Not double.MinNumber: on AVX-512, RyuJIT of .NET 10 makes 0 of MaxNumber(x, -0.0) where it sees that the operand is constant.
    public static double MinF64(double a, double b) => a < b || double.IsNaN(b) || (a == b && double.IsNegative(a)) ? a : b;

    public static double MaxF64(double a, double b) => a > b || double.IsNaN(b) || (a == b && !double.IsNegative(a)) ? a : b;

    /// <summary>.sat: NaN becomes zero.</summary>
    public static float SaturateF32(float a) => a > 0f ? a < 1f ? a : 1f : 0f;

    public static float HalfToFloat(int a) => (float)BitConverter.UInt16BitsToHalf((ushort)a);

    public static int FloatToHalf(float a) => PtxMath.ToF16(a);

    public static float BrainToFloat(int a) => BitConverter.Int32BitsToSingle(a << 16);

    /// <summary>To nearest even; NaN becomes the canonical 0x7FFF.</summary>
    public static int FloatToBrain(float a)
    {
        if (float.IsNaN(a)) return 0x7FFF;
        uint bits = BitConverter.SingleToUInt32Bits(a);
        return (int)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }

    // Out of range saturates, NaN becomes zero.
    public static int TruncateS32(float a) => (int)a;

    public static int TruncateU32(float a) => (int)(uint)a;

    public static int RoundS32(float a) => (int)MathF.Round(a);

    public static int FloorS32(float a) => (int)MathF.Floor(a);

    public static int CeilingS32(float a) => (int)MathF.Ceiling(a);

    public static float U32ToFloat(int a) => (uint)a;

    public static double U32ToDouble(int a) => (uint)a;

    public static float S64ToFloat(long a) => a;

    public static float U64ToFloat(long a) => (ulong)a;

    public static double U64ToDouble(long a) => (ulong)a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Select(int condition, int a, int b) => condition != 0 ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Select(int condition, long a, long b) => condition != 0 ? a : b;

    public static float RoundF32(float a) => MathF.Round(a);

    public static float TruncateF32(float a) => MathF.Truncate(a);

    public static float FloorF32(float a) => MathF.Floor(a);

    public static float CeilingF32(float a) => MathF.Ceiling(a);

    /// <summary>
    /// The 64-bit base of an affine 32-bit index that wraps around between two lanes. It is right for the lanes on one side: where active
    /// lanes stand on both, that of values below 2^31, since programs step over the edge of their arrays and then look. The others are noted.
    /// </summary>
    public static unsafe long WrappedBase(int origin, long stride, int count, uint active, int signed, byte* flags, int flagStride, int lanes)
    {
        int chosen = -1;
        for (int lane = count - 1; lane >= 0; lane--)
            if ((active >> lane & 1) != 0 && (chosen < 0 || Value(lane) >= 0 || Value(chosen) < 0)) chosen = lane;
        long found = chosen < 0 ? Extend(origin) : Extend(Value(chosen)) - stride * chosen;
        for (int slice = 0; slice * lanes < count; slice++)
        {
            uint others = 0;
            for (int lane = 0; lane < lanes; lane++)
                if (Extend(Value(slice * lanes + lane)) != found + stride * (slice * lanes + lane)) others |= 1u << lane;
            *(uint*)(flags + slice * flagStride) = others;
        }
        return found;

        int Value(int lane) => (int)(origin + stride * lane);

        long Extend(int value) => signed != 0 ? value : (uint)value;
    }

    /// <summary>The lanes of a warp whose slices stand at the start of a region.</summary>
    public static unsafe uint ArrivedLanes(LaunchContext* context, int slice, int region, int lanes)
    {
        uint arrived = 0;
        for (int i = 0; i < 32 / lanes; i++)
            if (context->Next[slice + i] == region) arrived |= context->Masks[slice + i] << (i * lanes);
        return arrived;
    }

    /// <summary>Notes where the slices of a warp go on that entered a region with these lanes; the masks say which lanes reached the barrier.</summary>
    public static unsafe void LeaveRegion(LaunchContext* context, int slice, uint entered, int target, int lanes)
    {
        for (int i = 0; i < 32 / lanes; i++)
            if ((entered >> (i * lanes) & (uint)((1ul << lanes) - 1)) != 0) context->NextOut[slice + i] = target >= 0 && context->Masks[slice + i] != 0 ? target : -1;
    }

    /// <summary>isspacep for a generic address.</summary>
    public static unsafe int IsInSpace(long address, int space, LaunchContext* context)
    {
        bool shared = address >= (long)context->Shared && address < (long)context->Shared + context->SharedBytes;
        bool local = address >= (long)context->Local && address < (long)context->LocalEnd;
        return (PtxSpace)space switch
        {
            PtxSpace.Shared => shared,
            PtxSpace.Local => local,
            PtxSpace.Global => !shared && !local,
            _ => false,
        } ? 1 : 0;
    }

    public static int Clock() => (int)Stopwatch.GetTimestamp();

    public static long Clock64() => Stopwatch.GetTimestamp();

    public static int LanemaskEq(int thread) => 1 << thread;

    public static int LanemaskLt(int thread) => (1 << thread) - 1;

    public static int LanemaskLe(int thread) => (2 << thread) - 1;

    public static int LanemaskGt(int thread) => ~((2 << thread) - 1);

    public static int LanemaskGe(int thread) => ~((1 << thread) - 1);

    public static int TestFinite(float a) => float.IsFinite(a) ? 1 : 0;

    public static int TestInfinite(float a) => float.IsInfinity(a) ? 1 : 0;

    public static int TestNaN(float a) => float.IsNaN(a) ? 1 : 0;

    public static float CopySign(float sign, float magnitude) => MathF.CopySign(magnitude, sign);
}
