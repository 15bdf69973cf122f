using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>How undefined bits flow through instructions: exactly where compilers rely on it, coarsely elsewhere.</summary>
internal static unsafe class ValueFlow
{
    /// <summary>All bits of a type.</summary>
    public static ulong Width(PtxType type) => type.Bits() is 0 or >= 64 ? ulong.MaxValue : (1ul << type.Bits()) - 1;

    /// <summary>All ones where any bit is undefined.</summary>
    public static ulong All(ulong undefined) => undefined == 0 ? 0 : ulong.MaxValue;

    public static void Follow(Warp warp, ref Op op, uint mask, Frame frame, WarpShadow shadow)
    {
        OpRegisters touched = op.Touched!;
        if (op.Instruction.Opcode == PtxOpcode.Mma)
        {
            Matrix(warp, ref op, frame, shadow);
            return;
        }
        uint undecided = 0;
        foreach (int number in touched.SourcePredicates) undecided |= shadow.Predicate(frame, number);
        bool across = op.Instruction.Opcode is PtxOpcode.VoteSync or PtxOpcode.Vote or PtxOpcode.MatchSync or PtxOpcode.ReduxSync or PtxOpcode.Movmatrix;
        if (across) undecided = (undecided & mask) != 0 ? uint.MaxValue : 0;
        ulong anywhere = 0;
        if (across)
            foreach (int row in touched.Sources)
                for (uint m = mask; m != 0; m &= m - 1) anywhere |= shadow[frame, row, BitOperations.TrailingZeroCount(m)] & uint.MaxValue;
        uint predicates = 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            ulong result = across ? All(anywhere | (undecided >> lane & 1)) : Value(warp, ref op, lane, frame, shadow, (undecided >> lane & 1) != 0);
            if (op.Rows is { } parts && op.Instruction.Opcode == PtxOpcode.Mov && op.D < 0)
            {
                for (int i = 0; i < parts.Length; i++)
                    if (parts[i] >= 0) shadow[frame, parts[i], lane] = op.Bytes == 8 ? result : result >> i * op.Bytes * 8 & (1ul << op.Bytes * 8) - 1;
            }
            else
                foreach (int row in touched.Destinations) shadow[frame, row, lane] = result;
            if (result != 0 || (undecided >> lane & 1) != 0) predicates |= 1u << lane;
        }
        foreach (int number in touched.DestinationPredicates) shadow.SetPredicate(frame, number, predicates, mask);
    }

    private static ulong Value(Warp warp, ref Op op, int lane, Frame frame, WarpShadow shadow, bool undecided)
    {
        PtxOperation operation = op.Instruction.Operation;
        ulong sa = op.A >= 0 ? shadow[frame, op.A, lane] : 0, sb = op.B >= 0 ? shadow[frame, op.B, lane] : 0, sc = op.C >= 0 ? shadow[frame, op.C, lane] : 0;
        if (op.Rows is null && (sa | sb | sc) == 0) return undecided ? ulong.MaxValue : 0;
        ulong width = Width(operation.Opcode == PtxOpcode.Cvt ? operation.SourceType : operation.Type);
        ulong a = op.A >= 0 ? warp.Row(op.A)[lane] : 0, b = op.B >= 0 ? warp.Row(op.B)[lane] : 0, c = op.C >= 0 ? warp.Row(op.C)[lane] : 0;
        switch (operation.Opcode)
        {
            case PtxOpcode.Mov when op.Rows is { } rows && op.D >= 0:
                ulong packed = 0;
                for (int i = rows.Length - 1; i >= 0; i--) packed = (op.Bytes == 8 ? 0 : packed << op.Bytes * 8) | shadow[frame, rows[i], lane] & Width(PtxType.B8) * 0x0101010101010101 & (op.Bytes == 8 ? ulong.MaxValue : (1ul << op.Bytes * 8) - 1);
                return packed;
            case PtxOpcode.Mov or PtxOpcode.Not or PtxOpcode.Cvta: return sa & width;
            case PtxOpcode.And when operation.Type != PtxType.Pred: return ((sa & sb) | (sa & b) | (sb & a)) & width;
            case PtxOpcode.Or when operation.Type != PtxType.Pred: return ((sa & sb) | (sa & ~b) | (sb & ~a)) & width;
            case PtxOpcode.Xor or PtxOpcode.Sub when op.A == op.B: return 0;
            case PtxOpcode.Xor: return (sa | sb) & width;
            case PtxOpcode.Selp: return undecided ? All((sa | sb | (a ^ b)) & width) : ((warp.Lanes32(op.P) >> lane & 1) != 0 ? sa : sb) & width;
            case PtxOpcode.Shl or PtxOpcode.Shr: return (sb & uint.MaxValue) != 0 ? width : Shift(operation, sa & width, (int)Math.Min((uint)b, 64u)) & width;
            case PtxOpcode.Cvt when operation.Types[0].IsInteger() && operation.Types[1].IsInteger() && !operation.Sat: return Extend(operation, sa);
            case PtxOpcode.Bfe when ((sb | sc) & 0xFF) == 0: return BitOps.Extract(sa, (uint)b & 0xFF, (uint)c & 0xFF, operation.Type);
            case PtxOpcode.Bfi when (sc & 0xFF) == 0: return BitOps.Insert(sa, sb, (uint)c & 0xFF, (uint)warp.Row(op.Rows![0])[lane] & 0xFF, operation.Type.Bits());
            case PtxOpcode.Prmt when (sc & 0xFFFF) == 0: return BitOps.Permute((uint)sa, (uint)sb, (uint)c, operation.Mode);
            case PtxOpcode.Add or PtxOpcode.Sub or PtxOpcode.Mul when operation.Type.IsInteger() && operation.Product is PtxProduct.None or PtxProduct.Lo:
                // A carry runs upwards from the lowest undefined bit.
                ulong low = (sa | sb) & width;
                return (low | 0 - low) & width;
            case PtxOpcode.Mad or PtxOpcode.Dp4a or PtxOpcode.Dp2a or PtxOpcode.Slct: return All(((sa | sb) & width) | sc);
            default: return All(((sa | sb | sc) & width) | (undecided ? 1ul : 0));
        }
    }

    private static ulong Shift(PtxOperation operation, ulong undefined, int by)
    {
        if (operation.Opcode == PtxOpcode.Shl) return by >= 64 ? 0 : undefined << by;
        int unused = 64 - operation.Type.Bits();
        // An undefined sign makes all the bits that it fills undefined.
        return operation.Type.IsSigned() ? (ulong)((long)(undefined << unused) >> unused >> Math.Min(by, 63)) : by >= 64 ? 0 : undefined >> by;
    }

    private static ulong Extend(PtxOperation operation, ulong undefined)
    {
        (PtxType to, PtxType from) = (operation.Types[0], operation.Types[1]);
        int bits = Math.Min(to.Bits(), from.Bits()), unused = 64 - bits;
        bool signed = (from.Bits() < to.Bits() ? from : to).IsSigned();
        ulong shifted = undefined << unused;
        return signed ? (ulong)((long)shifted >> unused) : shifted >> unused;
    }

    /// <summary>A lane's load: every destination gets the undefined bits of its bytes; none where memory is empty.</summary>
    public static void Load(Warp warp, ref Op op, int lane, ReadOnlySpan<byte> memory)
    {
        int[] rows = op.Rows ?? [op.D];
        int size = op.Instruction.Type.Bytes();
        for (int e = 0; e < rows.Length; e++)
        {
            if (rows[e] < 0) continue;
            ulong undefined = 0;
            for (int i = size - 1; i >= 0 && !memory.IsEmpty; i--) undefined = undefined << 8 | memory[e * size + i];
            if (op.Instruction.Type.IsSigned() && size < 8) undefined = (ulong)((long)(undefined << 64 - size * 8) >> 64 - size * 8);
            warp.Shadow![warp.Frame, rows[e], lane] = undefined;
        }
    }

    public static void Store(Warp warp, ref Op op, int lane, Span<byte> memory)
    {
        int[] rows = op.Rows ?? [op.B];
        int size = op.Instruction.Type.Bytes();
        for (int e = 0; e < rows.Length; e++)
        {
            ulong undefined = warp.Shadow![warp.Frame, rows[e], lane];
            for (int i = 0; i < size; i++) memory[e * size + i] = (byte)(undefined >> 8 * i);
        }
    }

    /// <summary>Row r of matrix i, whose address lane 8·i + r gave, goes to the lanes that hold its elements.</summary>
    public static void LoadMatrix(Warp warp, ref Op op, int lane, ReadOnlySpan<byte> memory)
    {
        int matrix = lane / 8, row = lane % 8;
        if (op.Rows![matrix] < 0) return;
        for (int column = 0; column < 8; column++)
        {
            ulong undefined = (ulong)(memory[column * 2] | memory[column * 2 + 1] << 8);
            bool transposed = op.Instruction.Operation.Transposed;
            int owner = transposed ? column * 4 + row / 2 : row * 4 + column / 2, half = transposed ? row & 1 : column & 1;
            ulong old = warp.Shadow![warp.Frame, op.Rows[matrix], owner] & uint.MaxValue;
            warp.Shadow![warp.Frame, op.Rows[matrix], owner] = old & ~(0xFFFFul << 16 * half) | undefined << 16 * half;
        }
    }

    /// <summary>An element of D is undefined when its row of A, its column of B or its element of C is.</summary>
    private static void Matrix(Warp warp, ref Op op, Frame frame, WarpShadow shadow)
    {
        var counts = (int[])op.Data!;
        int halves = op.Instruction.Operation.Shape.M / 8;
        ulong* rows = stackalloc ulong[16], columns = stackalloc ulong[8];
        for (int i = 0; i < 16; i++) rows[i] = 0;
        for (int i = 0; i < 8; i++) columns[i] = 0;
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            for (int r = 0; r < counts[1]; r++) rows[(lane >> 2) + 8 * (r % halves)] |= shadow[frame, op.Rows![counts[0] + r], lane];
            for (int r = 0; r < counts[2]; r++) columns[lane >> 2] |= shadow[frame, op.Rows![counts[0] + counts[1] + r], lane];
        }
        int perRow = Math.Max(1, counts[0] / halves);
        for (int lane = 0; lane < Warp.Lanes; lane++)
            for (int r = 0; r < counts[0]; r++)
            {
                int column = (lane & 3) * 2;
                ulong undefined = rows[(lane >> 2) + 8 * (r / perRow)] | (perRow == 1 ? columns[column] | columns[column + 1] : columns[column + r % 2]);
                undefined |= shadow[frame, op.Rows![counts[0] + counts[1] + counts[2] + r], lane] & Width(op.Instruction.Type);
                if (op.Rows[r] >= 0) shadow[frame, op.Rows[r], lane] = All(undefined);
            }
    }
}
