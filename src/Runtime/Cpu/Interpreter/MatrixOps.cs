using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>
/// mma, ldmatrix, stmatrix and movmatrix. Products are exact and added in order of k with one rounding each (fused multiply-add
/// in f32; f64 in f64; integers wrap), starting from C; a NaN is the canonical one.
/// </summary>
internal static unsafe class MatrixOps
{
    /// <summary>The rows of D, A, B and C follow each other in op.Rows; op.Data holds their counts.</summary>
    public static void Multiply(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        (int m, int n, int k) = (operation.Shape.M, operation.Shape.N, operation.Shape.K);
        var counts = (int[])op.Data!;
        int firstA = counts[0], firstB = firstA + counts[1], firstC = firstB + counts[2];
        PtxType typeD = operation.Types[0], typeA = operation.Types[1], typeB = operation.Types[2], typeC = operation.Types[3];
        double* a = stackalloc double[m * k], b = stackalloc double[k * n], c = stackalloc double[m * n];
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            int group = lane >> 2, quad = lane & 3;
            ReadA(warp, op.Rows!, firstA, counts[1], lane, group, quad, typeA, m, k, a);
            ReadB(warp, op.Rows!, firstB, counts[2], lane, group, quad, typeB, n, b);
            ReadC(warp, op.Rows!, firstC, lane, group, quad, typeC, m, n, c);
        }
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) c[i * n + j] = Dot(a + i * k, b + j, c[i * n + j], k, n, operation, typeA);
        for (int lane = 0; lane < Warp.Lanes; lane++) WriteD(warp, op.Rows!, lane, lane >> 2, lane & 3, typeD, m, n, c);
    }

    /// <summary>c plus the products of a row and a column (whose elements are n apart).</summary>
    public static double Dot(double* a, double* b, double c, int k, int n, PtxOperation operation, PtxType type)
    {
        if (type == PtxType.F64)
        {
            for (int i = 0; i < k; i++) c = Math.FusedMultiplyAdd(a[i], b[i * n], c);
            return c;
        }
        if (type.IsFloat())
        {
            float sum = (float)c;
            for (int i = 0; i < k; i++) sum = MathF.FusedMultiplyAdd((float)a[i], (float)b[i * n], sum);
            return sum;
        }
        long total = (long)c;
        for (int i = 0; i < k; i++) total += (long)a[i] * (long)b[i * n];
        return operation.Sat ? Math.Clamp(total, int.MinValue, int.MaxValue) : (int)total;
    }

    /// <summary>Register r of A holds row group + 8·(r mod rows/8) of the r/(rows/8)-th run of four times as many columns as a register has elements.</summary>
    private static void ReadA(Warp warp, int[] rows, int first, int count, int lane, int group, int quad, PtxType type, int m, int k, double* a)
    {
        int elements = Elements(type), halves = m / 8;
        for (int r = 0; r < count; r++)
        {
            ulong bits = warp.Row(rows[first + r])[lane];
            int row = group + 8 * (r % halves), column = r / halves * 4 * elements + quad * elements;
            for (int e = 0; e < elements; e++) a[row * k + column + e] = Element(bits, e, type);
        }
    }

    private static void ReadB(Warp warp, int[] rows, int first, int count, int lane, int group, int quad, PtxType type, int n, double* b)
    {
        int elements = Elements(type);
        for (int r = 0; r < count; r++)
        {
            ulong bits = warp.Row(rows[first + r])[lane];
            int row = r * 4 * elements + quad * elements;
            for (int e = 0; e < elements; e++) b[(row + e) * n + group] = Element(bits, e, type);
        }
    }

    private static void ReadC(Warp warp, int[] rows, int first, int lane, int group, int quad, PtxType type, int m, int n, double* c)
    {
        for (int half = 0; half < m / 8; half++)
        {
            double* at = c + (group + 8 * half) * n + quad * 2;
            if (type == PtxType.F16)
            {
                ulong bits = warp.Row(rows[first + half])[lane];
                (at[0], at[1]) = (Element(bits, 0, type), Element(bits, 1, type));
            }
            else
                for (int e = 0; e < 2; e++) at[e] = Element(warp.Row(rows[first + half * 2 + e])[lane], 0, type);
        }
    }

    private static void WriteD(Warp warp, int[] rows, int lane, int group, int quad, PtxType type, int m, int n, double* c)
    {
        for (int half = 0; half < m / 8; half++)
        {
            double* at = c + (group + 8 * half) * n + quad * 2;
            if (type == PtxType.F16)
            {
                Write(warp, rows[half], lane, Encode(at[0], type) | Encode(at[1], type) << 16);
            }
            else
                for (int e = 0; e < 2; e++)
                    Write(warp, rows[half * 2 + e], lane, Encode(at[e], type));
        }
    }

    /// <summary>A result as the bits of a type.</summary>
    public static ulong Encode(double value, PtxType type) => type switch
    {
        PtxType.F64 => BitConverter.DoubleToUInt64Bits(value),
        PtxType.F32 => double.IsNaN(value) ? 0x7FFFFFFF : FloatSlow.Bits((float)value),
        PtxType.F16 => PtxMath.FromDouble(value, PtxType.F16, PtxRounding.Rn),
        _ => (uint)(int)value,
    };

    private static void Write(Warp warp, int row, int lane, ulong value)
    {
        if (row >= 0) warp.Row(row)[lane] = value;
    }

    /// <summary>Elements in one register of A or B.</summary>
    private static int Elements(PtxType type) => type switch
    {
        PtxType.F16 or PtxType.BF16 => 2,
        PtxType.U8 or PtxType.S8 or PtxType.E4M3 or PtxType.E5M2 => 4,
        _ => 1,
    };

    /// <summary>An element of a register.</summary>
    public static double Element(ulong bits, int index, PtxType type) => type switch
    {
        PtxType.F16 or PtxType.BF16 => PtxMath.ToDouble(bits >> 16 * index & 0xFFFF, type),
        PtxType.U8 => (byte)(bits >> 8 * index),
        PtxType.S8 => (sbyte)(bits >> 8 * index),
        PtxType.E4M3 or PtxType.E5M2 => PtxMath.ToDouble(bits >> 8 * index & 0xFF, type),
        PtxType.S32 => (int)bits,
        _ => PtxMath.ToDouble(bits, type),
    };

    /// <summary>Eight rows of eight 16-bit elements per matrix; lanes 8·i to 8·i+7 give the row addresses of matrix i.</summary>
    public static void Load(Warp warp, ref Op op, uint mask)
    {
        int[] rows = op.Rows!;
        ulong* a = MemoryOps.Base(warp, ref op);
        bool transposed = op.Instruction.Operation.Transposed;
        byte** starts = stackalloc byte*[Warp.Lanes];
        for (int lane = 0; lane < rows.Length * 8; lane++)
            starts[lane] = MemoryOps.Resolve(warp, ref op, lane, MemoryOps.Address(warp, ref op, a, lane), 16, Access.Read);
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0) continue;
            ulong* d = warp.Row(rows[i]);
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                int group = lane >> 2, quad = lane & 3;
                ushort low = transposed ? ((ushort*)starts[i * 8 + quad * 2])[group] : ((ushort*)starts[i * 8 + group])[quad * 2];
                ushort high = transposed ? ((ushort*)starts[i * 8 + quad * 2 + 1])[group] : ((ushort*)starts[i * 8 + group])[quad * 2 + 1];
                d[lane] = (uint)(low | high << 16);
            }
        }
    }

    public static void Store(Warp warp, ref Op op, uint mask)
    {
        int[] rows = op.Rows!;
        ulong* a = MemoryOps.Base(warp, ref op);
        bool transposed = op.Instruction.Operation.Transposed;
        byte** starts = stackalloc byte*[Warp.Lanes];
        for (int lane = 0; lane < rows.Length * 8; lane++)
            starts[lane] = MemoryOps.Resolve(warp, ref op, lane, MemoryOps.Address(warp, ref op, a, lane), 16, Access.Write);
        for (int i = 0; i < rows.Length; i++)
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                int group = lane >> 2, quad = lane & 3;
                uint value = (uint)warp.Row(rows[i])[lane];
                for (int e = 0; e < 2; e++)
                {
                    int row = transposed ? quad * 2 + e : group, column = transposed ? group : quad * 2 + e;
                    ((ushort*)starts[i * 8 + row])[column] = (ushort)(value >> 16 * e);
                }
            }
    }

    public static void Transpose(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        uint* old = stackalloc uint[Warp.Lanes];
        for (int lane = 0; lane < Warp.Lanes; lane++) old[lane] = (uint)a[lane];
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            uint value = 0;
            for (int e = 0; e < 2; e++)
            {
                int row = lane >> 2, column = (lane & 3) * 2 + e;
                uint source = old[column * 4 + row / 2];
                value |= (source >> 16 * (row & 1) & 0xFFFF) << 16 * e;
            }
            d[lane] = value;
        }
    }
}
