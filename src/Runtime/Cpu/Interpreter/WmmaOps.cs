using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>A fragment of a wmma: part of a matrix, in memory row after row or column after column.</summary>
internal sealed record WmmaFragment(int Rows, int Columns, PtxType Type, bool RowMajor)
{
    /// <summary>The matrix of a wmma.load or wmma.store: <c>a</c> is M×K, <c>b</c> K×N, <c>c</c> and <c>d</c> M×N.</summary>
    public static WmmaFragment Of(PtxOperation operation, string role)
    {
        PtxShape shape = operation.Shape;
        (int rows, int columns) = role switch { "a" => (shape.M, shape.K), "b" => (shape.K, shape.N), _ => (shape.M, shape.N) };
        return new WmmaFragment(rows, columns, operation.Type, operation.Has("row"));
    }

    /// <summary>D, A, B and C of a wmma.mma, which are multiplied row by row whatever way they were loaded; the form for f16 names D and C only. Null for other numbers of types.</summary>
    public static WmmaFragment[]? OfProduct(PtxOperation operation)
    {
        (int m, int n, int k) = (operation.Shape.M, operation.Shape.N, operation.Shape.K);
        return operation.Types switch
        {
            [var d, var c] => [new(m, n, d, true), new(m, k, PtxType.F16, true), new(k, n, PtxType.F16, true), new(m, n, c, true)],
            [var d, var a, var b, var c] => [new(m, n, d, true), new(m, k, a, true), new(k, n, b, true), new(m, n, c, true)],
            _ => null,
        };
    }

    /// <summary>Elements that each lane holds.</summary>
    public int PerLane => Rows * Columns / Warp.Lanes;

    /// <summary>Elements in one register.</summary>
    public int PerRegister => Type switch
    {
        PtxType.F16 or PtxType.BF16 => 2,
        PtxType.U8 or PtxType.S8 => 4,
        _ => 1,
    };

    /// <summary>Bits of an element in memory and in a register.</summary>
    public int Bits => Type == PtxType.TF32 ? 32 : Type.Bits();
}

/// <summary>
/// wmma. Which lane holds which element is left open by PTX; here lane l holds elements l·n to l·n + n - 1 of the matrix, row by row.
/// Fragments with more registers than that hold the elements again in the others, as GPUs do.
/// </summary>
internal static unsafe class WmmaOps
{
    public static void Load(Warp warp, ref Op op, uint mask)
    {
        var fragment = (WmmaFragment)op.Data!;
        int[] rows = op.Rows!;
        int used = fragment.PerLane / fragment.PerRegister;
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            for (int register = 0; register < used; register++)
            {
                ulong bits = 0;
                for (int e = 0; e < fragment.PerRegister; e++)
                {
                    byte* at = Place(warp, ref op, fragment, lane, register * fragment.PerRegister + e, Access.Read);
                    ulong element = fragment.Bits switch { 8 => *at, 16 => *(ushort*)at, 32 => *(uint*)at, _ => *(ulong*)at };
                    bits |= element << e * fragment.Bits;
                }
                for (int r = register; r < rows.Length; r += used) warp.Row(rows[r])[lane] = bits;
            }
        }
    }

    public static void Store(Warp warp, ref Op op, uint mask)
    {
        var fragment = (WmmaFragment)op.Data!;
        for (int lane = 0; lane < Warp.Lanes; lane++)
            for (int i = 0; i < fragment.PerLane; i++)
            {
                byte* at = Place(warp, ref op, fragment, lane, i, Access.Write);
                ulong element = warp.Row(op.Rows![i / fragment.PerRegister])[lane] >> i % fragment.PerRegister * fragment.Bits;
                switch (fragment.Bits)
                {
                    case 16: *(ushort*)at = (ushort)element; break;
                    case 32: *(uint*)at = (uint)element; break;
                    default: *(ulong*)at = element; break;
                }
            }
    }

    /// <summary>op.Data holds the fragments of D, A, B and C, op.Rows their registers one after the other, op.Bytes the registers of one A or B.</summary>
    public static void Multiply(Warp warp, ref Op op, uint mask)
    {
        var fragments = (WmmaFragment[])op.Data!;
        (WmmaFragment d, WmmaFragment a, WmmaFragment b, WmmaFragment c) = (fragments[0], fragments[1], fragments[2], fragments[3]);
        int registersD = d.PerLane / d.PerRegister;
        double* x = stackalloc double[a.Rows * a.Columns], y = stackalloc double[b.Rows * b.Columns], z = stackalloc double[c.Rows * c.Columns];
        Read(warp, op.Rows!, registersD, a, x);
        Read(warp, op.Rows!, registersD + op.Bytes, b, y);
        Read(warp, op.Rows!, registersD + op.Bytes + op.Target, c, z);
        for (int i = 0; i < d.Rows; i++)
            for (int j = 0; j < d.Columns; j++)
                z[i * d.Columns + j] = MatrixOps.Dot(x + i * a.Columns, y + j, z[i * d.Columns + j], a.Columns, b.Columns, op.Instruction.Operation, a.Type);
        for (int lane = 0; lane < Warp.Lanes; lane++)
            for (int register = 0; register < registersD; register++)
            {
                ulong bits = 0;
                for (int e = 0; e < d.PerRegister; e++)
                    bits |= MatrixOps.Encode(z[lane * d.PerLane + register * d.PerRegister + e], d.Type) << e * d.Bits;
                warp.Row(op.Rows![register])[lane] = bits;
            }
    }

    private static void Read(Warp warp, int[] rows, int first, WmmaFragment fragment, double* into)
    {
        for (int lane = 0; lane < Warp.Lanes; lane++)
            for (int i = 0; i < fragment.PerLane; i++)
                into[lane * fragment.PerLane + i] = MatrixOps.Element(warp.Row(rows[first + i / fragment.PerRegister])[lane], i % fragment.PerRegister, fragment.Type);
    }

    /// <summary>The host address of a lane's element.</summary>
    private static byte* Place(Warp warp, ref Op op, WmmaFragment fragment, int lane, int index, Access access)
    {
        int element = lane * fragment.PerLane + index, row = element / fragment.Columns, column = element % fragment.Columns;
        long stride = op.B >= 0 ? (int)warp.Row(op.B)[lane] : fragment.RowMajor ? fragment.Columns : fragment.Rows;
        long offset = (fragment.RowMajor ? row * stride + column : column * stride + row) * (fragment.Bits / 8);
        return MemoryOps.Resolve(warp, ref op, lane, MemoryOps.Address(warp, ref op, MemoryOps.Base(warp, ref op), lane) + (ulong)offset, fragment.Bits / 8, access);
    }
}
