using System.Numerics;
using System.Runtime.CompilerServices;

namespace MmKernels.Runtime.Cpu.Interpreter;

internal interface IUnary<T, R> { static abstract R Do(T a); }

internal interface IBinary<T, R> { static abstract R Do(T a, T b); }

internal interface ITernary<T, U, R> { static abstract R Do(T a, T b, U c); }

internal interface ICompare<T> { static abstract bool Do(T a, T b); }

/// <summary>Loops over lanes around one scalar operation; registers are written whole, zero-extended.</summary>
internal static unsafe class LaneOps
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unary<T, R, TOp>(Warp warp, ref Op op, uint mask) where T : unmanaged where R : unmanaged where TOp : struct, IUnary<T, R>
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++) d[lane] = Bits(TOp.Do(*(T*)(a + lane)));
            return;
        }
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = Bits(TOp.Do(*(T*)(a + lane)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Binary<T, R, TOp>(Warp warp, ref Op op, uint mask) where T : unmanaged where R : unmanaged where TOp : struct, IBinary<T, R>
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), b = warp.Row(op.B);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++) d[lane] = Bits(TOp.Do(*(T*)(a + lane), *(T*)(b + lane)));
            return;
        }
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = Bits(TOp.Do(*(T*)(a + lane), *(T*)(b + lane)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Ternary<T, U, R, TOp>(Warp warp, ref Op op, uint mask)
        where T : unmanaged where U : unmanaged where R : unmanaged where TOp : struct, ITernary<T, U, R>
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), b = warp.Row(op.B), c = warp.Row(op.C);
        if (mask == uint.MaxValue)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++) d[lane] = Bits(TOp.Do(*(T*)(a + lane), *(T*)(b + lane), *(U*)(c + lane)));
            return;
        }
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = Bits(TOp.Do(*(T*)(a + lane), *(T*)(b + lane), *(U*)(c + lane)));
        }
    }

    /// <summary>setp without a combining predicate, or with one (op.R) and the reduction in op.Immediate; q gets the complement.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compare<T, TOp>(Warp warp, ref Op op, uint mask) where T : unmanaged where TOp : struct, ICompare<T>
    {
        ulong* a = warp.Row(op.A), b = warp.Row(op.B);
        uint bits = 0;
        for (int lane = 0; lane < Warp.Lanes; lane++)
            if (TOp.Do(*(T*)(a + lane), *(T*)(b + lane))) bits |= 1u << lane;
        WriteCompare(warp, ref op, bits, mask);
    }

    public static void WriteCompare(Warp warp, ref Op op, uint bits, uint mask)
    {
        uint other = ~bits;
        if (op.Immediate != 0)
        {
            uint with = warp.Lanes32(op.R);
            (bits, other) = op.Immediate switch
            {
                1 => (bits & with, other & with),
                2 => (bits | with, other | with),
                _ => (bits ^ with, other ^ with),
            };
        }
        warp.SetPredicate(op.P, bits, mask);
        warp.SetPredicate(op.Q, other, mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Select(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), b = warp.Row(op.B);
        uint take = warp.Lanes32(op.P);
        ulong keep = (ulong)op.Immediate;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = ((take >> lane & 1) != 0 ? a[lane] : b[lane]) & keep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Move(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        ulong keep = (ulong)op.Immediate;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = a[lane] & keep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits<R>(R value) where R : unmanaged
    {
        if (sizeof(R) == 8) return Unsafe.BitCast<R, ulong>(value);
        if (sizeof(R) == 4) return Unsafe.BitCast<R, uint>(value);
        if (sizeof(R) == 2) return Unsafe.BitCast<R, ushort>(value);
        return Unsafe.BitCast<R, byte>(value);
    }
}
