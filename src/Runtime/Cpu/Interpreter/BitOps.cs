using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Integer and bit instructions with a shape of their own.</summary>
internal static unsafe class BitOps
{
    public readonly struct WideU16 : IBinary<ushort, uint> { public static uint Do(ushort a, ushort b) => (uint)a * b; }

    public readonly struct WideS16 : IBinary<short, int> { public static int Do(short a, short b) => a * b; }

    public readonly struct WideU32 : IBinary<uint, ulong> { public static ulong Do(uint a, uint b) => (ulong)a * b; }

    public readonly struct WideS32 : IBinary<int, long> { public static long Do(int a, int b) => (long)a * b; }

    public readonly struct MadWideU16 : ITernary<ushort, uint, uint> { public static uint Do(ushort a, ushort b, uint c) => unchecked((uint)a * b + c); }

    public readonly struct MadWideS16 : ITernary<short, int, int> { public static int Do(short a, short b, int c) => unchecked(a * b + c); }

    public readonly struct MadWideU32 : ITernary<uint, ulong, ulong> { public static ulong Do(uint a, uint b, ulong c) => unchecked((ulong)a * b + c); }

    public readonly struct MadWideS32 : ITernary<int, long, long> { public static long Do(int a, int b, long c) => unchecked((long)a * b + c); }

    /// <summary>Runs <see cref="Evaluate"/> per lane.</summary>
    public static void General(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        ulong* b = op.B >= 0 ? warp.Row(op.B) : a, c = op.C >= 0 ? warp.Row(op.C) : a;
        ulong* e = op.Rows is { } rows ? warp.Row(rows[0]) : a;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = Evaluate(operation, a[lane], b[lane], c[lane], e[lane], op.Immediate);
        }
    }

    private static ulong Evaluate(PtxOperation operation, ulong a, ulong b, ulong c, ulong e, long immediate)
    {
        uint a32 = (uint)a, b32 = (uint)b, c32 = (uint)c;
        switch (operation.Opcode)
        {
            case PtxOpcode.Bfe: return Extract(a, b32 & 0xFF, c32 & 0xFF, operation.Type);
            case PtxOpcode.Bfi: return Insert(a, b, c32 & 0xFF, (uint)e & 0xFF, operation.Type.Bits());
            case PtxOpcode.Prmt: return Permute(a32, b32, c32, operation.Mode);
            case PtxOpcode.Lop3: return Lop3(a32, b32, c32, (byte)immediate);
            case PtxOpcode.Shf: return Funnel(operation, a32, b32, c32);
            case PtxOpcode.Slct: return (operation.SourceType == PtxType.F32 ? !(FloatSlow.Source(c, PtxType.F32, operation.Ftz) < 0) && !float.IsNaN(FloatSlow.Float(c)) : (int)c32 >= 0) ? a : b;
            case PtxOpcode.Mul24: return Mul24(operation, a32, b32);
            case PtxOpcode.Mad24: return Mad24(operation, a32, b32, c32);
            case PtxOpcode.Dp4a or PtxOpcode.Dp2a: return DotProduct(operation, a32, b32, c32);
            case >= PtxOpcode.VideoAdd and <= PtxOpcode.VideoSet: return VideoOps.Evaluate(operation, a32, b32, c32);
            case PtxOpcode.Bmsk: return Mask(a32, b32, operation.Has("clamp"));
            case PtxOpcode.Szext: return SizeExtend(operation, a32, b32);
            case PtxOpcode.Fns: return FindNth(a32, b32, (int)c32);
            case PtxOpcode.Popc or PtxOpcode.Clz: break;
        }
        throw new InvalidOperationException($"{operation.Text} has no definition here");
    }

    public static ulong Extract(ulong a, uint position, uint length, PtxType type)
    {
        int width = type.Bits(), most = width - 1;
        bool signed = type.IsSigned();
        ulong sign = !signed || length == 0 ? 0 : a >> (int)Math.Min(position + length - 1, (uint)most) & 1;
        ulong field = 0;
        for (int i = 0; i < width; i++)
        {
            ulong bit = i < length && i + position <= most ? a >> i + (int)position & 1 : sign;
            field |= bit << i;
        }
        return field;
    }

    public static ulong Insert(ulong a, ulong b, uint position, uint length, int width)
    {
        for (uint i = 0; i < length && position + i < width; i++)
        {
            int to = (int)(position + i);
            b = b & ~(1ul << to) | (a >> (int)i & 1) << to;
        }
        return width == 64 ? b : (uint)b;
    }

    public static uint Permute(uint a, uint b, uint selector, PtxMode mode)
    {
        ulong bytes = (ulong)b << 32 | a;
        uint result = 0;
        for (int i = 0; i < 4; i++)
        {
            int s = (int)(selector & 3);
            int index = mode switch
            {
                PtxMode.F4e => s + i,
                PtxMode.B4e => s - i & 7,
                PtxMode.Rc8 => s,
                PtxMode.Ecl => Math.Max(s, i),
                PtxMode.Ecr => Math.Min(s, i),
                PtxMode.Rc16 => (s & 1) * 2 + (i & 1),
                _ => (int)(selector >> 4 * i & 15),
            };
            uint value = (uint)(bytes >> 8 * (index & 7)) & 0xFF;
            if (mode == PtxMode.None && (index & 8) != 0) value = (value & 0x80) != 0 ? 0xFFu : 0;
            result |= value << 8 * i;
        }
        return result;
    }

    private static uint Lop3(uint a, uint b, uint c, byte table)
    {
        uint result = 0;
        if ((table & 0x01) != 0) result |= ~a & ~b & ~c;
        if ((table & 0x02) != 0) result |= ~a & ~b & c;
        if ((table & 0x04) != 0) result |= ~a & b & ~c;
        if ((table & 0x08) != 0) result |= ~a & b & c;
        if ((table & 0x10) != 0) result |= a & ~b & ~c;
        if ((table & 0x20) != 0) result |= a & ~b & c;
        if ((table & 0x40) != 0) result |= a & b & ~c;
        if ((table & 0x80) != 0) result |= a & b & c;
        return result;
    }

    private static uint Funnel(PtxOperation operation, uint low, uint high, uint amount)
    {
        uint by = operation.Has("clamp") ? Math.Min(amount, 32) : amount & 31;
        ulong both = (ulong)high << 32 | low;
        return operation.Mode == PtxMode.Left ? (uint)(both << (int)by >> 32) : (uint)(both >> (int)by);
    }

    private static ulong Mul24(PtxOperation operation, uint a, uint b)
    {
        long product = operation.Type == PtxType.S32 ? (long)((int)(a << 8) >> 8) * ((int)(b << 8) >> 8) : (long)(a & 0xFFFFFF) * (b & 0xFFFFFF);
        return operation.Product == PtxProduct.Hi ? (uint)(product >> 16) : (uint)product;
    }

    private static ulong Mad24(PtxOperation operation, uint a, uint b, uint c)
    {
        uint product = (uint)Mul24(operation, a, b);
        if (!operation.Sat) return unchecked(product + c);
        return (uint)Math.Clamp((long)(int)product + (int)c, int.MinValue, int.MaxValue);
    }

    private static uint DotProduct(PtxOperation operation, uint a, uint b, uint c)
    {
        bool signedA = operation.Types[0] == PtxType.S32, signedB = operation.Types[1] == PtxType.S32;
        int sum = (int)c;
        bool four = operation.Opcode == PtxOpcode.Dp4a;
        int shift = operation.Product == PtxProduct.Hi ? 16 : 0;
        for (int i = 0; i < (four ? 4 : 2); i++)
        {
            int x = four ? signedA ? (sbyte)(a >> 8 * i) : (byte)(a >> 8 * i) : signedA ? (short)(a >> 16 * i) : (ushort)(a >> 16 * i);
            int y = four ? signedB ? (sbyte)(b >> 8 * i) : (byte)(b >> 8 * i) : signedB ? (sbyte)(b >> shift + 8 * i) : (byte)(b >> shift + 8 * i);
            sum = unchecked(sum + x * y);
        }
        return (uint)sum;
    }

    private static uint Mask(uint position, uint length, bool clamp)
    {
        if (!clamp) (position, length) = (position & 31, length & 31);
        ulong bits = position >= 32 ? 0 : (1ul << (int)Math.Min(length, 32)) - 1 << (int)position;
        return (uint)bits;
    }

    private static uint SizeExtend(PtxOperation operation, uint a, uint width)
    {
        if (operation.Has("wrap")) width &= 31;
        if (width >= 32) return a;
        if (width == 0) return 0;
        int shift = 32 - (int)width;
        return operation.Type == PtxType.S32 ? (uint)((int)(a << shift) >> shift) : a << shift >> shift;
    }

    private static uint FindNth(uint mask, uint start, int offset)
    {
        int step = offset < 0 ? -1 : 1, wanted = Math.Abs(offset);
        if (offset == 0) return start < 32 && (mask >> (int)start & 1) != 0 ? start : uint.MaxValue;
        for (int bit = (int)start; bit is >= 0 and < 32; bit += step)
            if ((mask >> bit & 1) != 0 && --wanted == 0) return (uint)bit;
        return uint.MaxValue;
    }

    /// <summary>add, sub and mad with the carry flag, which is predicate 1 of the frame.</summary>
    public static void Carry(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        int bits = operation.Type.Bits();
        bool subtract = operation.Opcode is PtxOpcode.Sub or PtxOpcode.Subc;
        bool carryIn = operation.Opcode is PtxOpcode.Addc or PtxOpcode.Subc or PtxOpcode.Madc;
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), b = warp.Row(op.B);
        ulong* c = op.C >= 0 ? warp.Row(op.C) : null;
        uint flags = warp.Predicates[1], made = 0;
        ulong keep = bits == 64 ? ulong.MaxValue : (1ul << bits) - 1;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            uint carry = carryIn ? flags >> lane & 1 : 0;
            UInt128 x = a[lane] & keep, y = b[lane] & keep;
            if (c != null)
            {
                x = Product(operation, a[lane], b[lane]) & keep;
                y = c[lane] & keep;
            }
            UInt128 result = subtract ? x - y - carry : x + y + carry;
            d[lane] = (ulong)result & keep;
            bool carries = subtract ? x < y + carry : result > keep;
            if (carries) made |= 1u << lane;
        }
        if (operation.CarryOut) warp.Predicates[1] = flags & ~mask | made & mask;
    }

    private static ulong Product(PtxOperation operation, ulong a, ulong b)
    {
        bool high = operation.Product == PtxProduct.Hi;
        return operation.Type switch
        {
            PtxType.U32 => high ? (ulong)(uint)a * (uint)b >> 32 : (ulong)(uint)a * (uint)b,
            PtxType.S32 => (ulong)(high ? (long)(int)a * (int)b >> 32 : (long)(int)a * (int)b),
            PtxType.U64 => high ? Math.BigMul(a, b, out _) : unchecked(a * b),
            _ => high ? (ulong)Math.BigMul((long)a, (long)b, out long _) : unchecked(a * b),
        };
    }

    /// <summary>set: all ones or 1.0 where the comparison holds; packed types have a result per half.</summary>
    public static void Set(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        (PtxType to, PtxType from) = (operation.Types[0], operation.Types[1]);
        bool packed = from is PtxType.F16x2 or PtxType.BF16x2;
        PtxType one = from switch { PtxType.F16x2 => PtxType.F16, PtxType.BF16x2 => PtxType.BF16, var t => t };
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), b = warp.Row(op.B);
        uint with = warp.Lanes32(op.R);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            if (!packed)
            {
                bool holds = from.IsFloat()
                    ? FloatSlow.Holds(operation.Compare, FloatSlow.Source(a[lane], from, operation.Ftz), FloatSlow.Source(b[lane], from, operation.Ftz))
                    : HoldsInteger(operation.Compare, a[lane], b[lane], from);
                d[lane] = True(to, Combine(op.Immediate, holds, (with >> lane & 1) != 0));
                continue;
            }
            bool low = FloatSlow.Holds(operation.Compare, FloatSlow.Source(a[lane] & 0xFFFF, one, operation.Ftz), FloatSlow.Source(b[lane] & 0xFFFF, one, operation.Ftz));
            bool high = FloatSlow.Holds(operation.Compare, FloatSlow.Source(a[lane] >> 16 & 0xFFFF, one, operation.Ftz), FloatSlow.Source(b[lane] >> 16 & 0xFFFF, one, operation.Ftz));
            PtxType half = to switch { PtxType.F16x2 => PtxType.F16, PtxType.BF16x2 => PtxType.BF16, _ => PtxType.U16 };
            d[lane] = True(half, high) << 16 | True(half, low);
        }
    }

    private static bool Combine(long how, bool holds, bool with) => how switch { 1 => holds && with, 2 => holds || with, 3 => holds != with, _ => holds };

    private static ulong True(PtxType type, bool holds) => !holds ? 0 : type switch
    {
        PtxType.F32 => 0x3F800000,
        PtxType.F16 => 0x3C00,
        PtxType.BF16 => 0x3F80,
        PtxType.U16 or PtxType.S16 => 0xFFFF,
        _ => 0xFFFFFFFF,
    };

    private static bool HoldsInteger(PtxCompare compare, ulong a, ulong b, PtxType type)
    {
        int shift = 64 - type.Bits();
        Int128 x = type.IsSigned() ? (long)(a << shift) >> shift : a << shift >> shift, y = type.IsSigned() ? (long)(b << shift) >> shift : b << shift >> shift;
        return compare switch
        {
            PtxCompare.Eq => x == y,
            PtxCompare.Ne => x != y,
            PtxCompare.Lt or PtxCompare.Lo => x < y,
            PtxCompare.Le or PtxCompare.Ls => x <= y,
            PtxCompare.Gt or PtxCompare.Hi => x > y,
            _ => x >= y,
        };
    }

    /// <summary>and, or, xor, not and mov of predicates.</summary>
    public static void Predicate(Warp warp, ref Op op, uint mask)
    {
        uint a = warp.Lanes32(op.Q), b = op.R >= 0 ? warp.Lanes32(op.R) : 0;
        warp.SetPredicate(op.P, op.Instruction.Opcode switch
        {
            PtxOpcode.And => a & b,
            PtxOpcode.Or => a | b,
            PtxOpcode.Xor => a ^ b,
            PtxOpcode.Not => ~a,
            _ => a,
        }, mask);
    }

    /// <summary>mov from several narrow registers to a wide one.</summary>
    public static void Pack(Warp warp, ref Op op, uint mask)
    {
        int[] rows = op.Rows!;
        int bits = op.Bytes * 8;
        ulong keep = bits == 64 ? ulong.MaxValue : (1ul << bits) - 1;
        ulong* d = warp.Row(op.D);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            ulong value = 0;
            for (int i = rows.Length - 1; i >= 0; i--) value = (bits == 64 ? 0 : value << bits) | (warp.Row(rows[i])[lane] & keep);
            d[lane] = value;
        }
    }

    /// <summary>mov from a wide register to several narrow ones; -1 drops a part.</summary>
    public static void Unpack(Warp warp, ref Op op, uint mask)
    {
        int[] rows = op.Rows!;
        int bits = op.Bytes * 8;
        ulong keep = bits == 64 ? ulong.MaxValue : (1ul << bits) - 1;
        ulong* a = warp.Row(op.A);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            ulong value = a[lane];
            for (int i = 0; i < rows.Length; i++)
                if (rows[i] >= 0) warp.Row(rows[i])[lane] = value >> i * bits & keep;
        }
    }
}
