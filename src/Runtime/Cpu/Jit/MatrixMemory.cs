using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Moves of matrices between memory and registers whose 32 lanes follow each other; called from generated code. What is read as a whole
/// vector later is written as one, because small stores do not forward to a wide load.
/// </summary>
internal static unsafe class MatrixMemory
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;
    private const int Words = 32;   // of a register

    public static MethodInfo Method(string name) => typeof(MatrixMemory).GetMethod(name)!;

    /// <summary>From lanes (4 · column + lane of a group) to rows: by lane of a group, the even columns, then the odd ones; so many registers' elements.</summary>
    [MethodImpl(Fast)]
    public static void Transpose(float* from, float* to, int count)
    {
        for (int i = 0; i < count; i++, from += Words, to += Words)
        {
            if (Avx512F.IsSupported)
            {
                Vector512<int> places = Vector512.Create(0, 8, 16, 24, 4, 12, 20, 28, 1, 9, 17, 25, 5, 13, 21, 29);
                Vector512<float> low = Vector512.Load(from), high = Vector512.Load(from + 16);
                Avx512F.PermuteVar16x32x2(low, places, high).Store(to);
                Avx512F.PermuteVar16x32x2(low, places + Vector512.Create(2), high).Store(to + 16);
                continue;
            }
            for (int lane = 0; lane < 4; lane++)
                for (int column = 0; column < 8; column++) to[lane * 8 + (column & 1) * 4 + (column >> 1)] = from[column * 4 + lane];
        }
    }

    /// <summary>ldmatrix: eight rows of 16 bytes per register.</summary>
    [MethodImpl(Fast)]
    public static void Load(byte** rows, int* to, int registers)
    {
        for (int r = 0; r < registers; r++, rows += 8, to += Words)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Vector512.Create(Pair(rows), Pair(rows + 2)).Store(to);
                Vector512.Create(Pair(rows + 4), Pair(rows + 6)).Store(to + 16);
            }
            else
                for (int row = 0; row < 8; row += 2) Pair(rows + row).Store(to + 4 * row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pair(byte** rows) => Vector256.Create(Vector128.Load((int*)rows[0]), Vector128.Load((int*)rows[1]));

    /// <summary>ldmatrix.trans: lane 4 · i + j holds elements i of rows 2 · j and 2 · j + 1.</summary>
    [MethodImpl(Fast)]
    public static void LoadTransposed(byte** rows, int* to, int registers)
    {
        for (int r = 0; r < registers; r++, rows += 8, to += Words)
            for (int lane = 0; lane < Words; lane++)
                to[lane] = ((ushort*)rows[2 * (lane & 3)])[lane >> 2] | ((ushort*)rows[2 * (lane & 3) + 1])[lane >> 2] << 16;
    }

    /// <summary>stmatrix, the way back.</summary>
    [MethodImpl(Fast)]
    public static void Store(byte** rows, int* from, int registers)
    {
        for (int row = 0; row < 8 * registers; row++) Vector128.Load(from + 4 * row).Store((int*)rows[row]);
    }

    [MethodImpl(Fast)]
    public static void StoreTransposed(byte** rows, int* from, int registers)
    {
        for (int r = 0; r < registers; r++, rows += 8, from += Words)
            for (int lane = 0; lane < Words; lane++)
            {
                ((ushort*)rows[2 * (lane & 3)])[lane >> 2] = (ushort)from[lane];
                ((ushort*)rows[2 * (lane & 3) + 1])[lane >> 2] = (ushort)(from[lane] >>> 16);
            }
    }
}
