using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// wmma on registers whose 32 lanes follow each other in memory; called from generated code. Lane l holds elements l · n to l · n + n - 1 of a
/// matrix, row by row, as <see cref="WmmaOps"/> has it.
/// </summary>
internal static unsafe class WmmaMemory
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;
    private const int Lanes = Warp.Lanes, Most = 512;   // elements of a matrix

    public static MethodInfo Method(string name) => typeof(WmmaMemory).GetMethod(name)!;

    /// <summary>wmma.load: the lanes' addresses lie in slot 0, the distances between rows (columns) in slot 1; spare registers hold the elements again.</summary>
    [MethodImpl(Fast)]
    public static void Load(byte* scratch, uint* to, int rows, int columns, int bits, int rowMajor, int registers)
    {
        int perLane = rows * columns / Lanes, perRegister = 32 / bits, used = perLane / perRegister;
        for (int lane = 0; lane < Lanes; lane++)
            for (int r = 0; r < used; r++)
            {
                uint word = 0;
                for (int e = 0; e < perRegister; e++)
                {
                    byte* at = Place(scratch, lane, lane * perLane + r * perRegister + e, columns, bits, rowMajor);
                    word |= (bits switch { 8 => *at, 16 => *(ushort*)at, _ => *(uint*)at }) << e * bits;
                }
                for (int copy = r; copy < registers; copy += used) to[copy * Lanes + lane] = word;
            }
    }

    /// <summary>wmma.store, the way back.</summary>
    [MethodImpl(Fast)]
    public static void Store(byte* scratch, uint* from, int rows, int columns, int bits, int rowMajor)
    {
        int perLane = rows * columns / Lanes, perRegister = 32 / bits;
        for (int lane = 0; lane < Lanes; lane++)
            for (int i = 0; i < perLane; i++)
            {
                byte* at = Place(scratch, lane, lane * perLane + i, columns, bits, rowMajor);
                uint value = from[i / perRegister * Lanes + lane] >> i % perRegister * bits;
                if (bits == 16) *(ushort*)at = (ushort)value;
                else *(uint*)at = value;
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Place(byte* scratch, int lane, int element, int columns, int bits, int rowMajor)
    {
        (int row, int column) = (element / columns, element % columns);
        long stride = ((int*)(scratch + Emitter.SlotBytes))[lane];
        return ((byte**)scratch)[lane] + (rowMajor != 0 ? row * stride + column : column * stride + row) * (bits / 8);
    }

    /// <summary>D = A · B + C of floats; the fragments D, A, B and C lie so many bytes apart. Sums start from C in ascending k, rounded once per product.</summary>
    [MethodImpl(Fast)]
    public static void Multiply(byte* fragments, int distance, int m, int n, int k, int typeD, int type, int typeC)
    {
        float* a = stackalloc float[Most], b = stackalloc float[Most], c = stackalloc float[Most];
        Read((uint*)(fragments + distance), a, m * k, (PtxType)type);
        Read((uint*)(fragments + 2 * distance), b, k * n, (PtxType)type);
        Read((uint*)(fragments + 3 * distance), c, m * n, (PtxType)typeC);
        for (int row = 0; row < m; row++)
            for (int column = 0; column < n; column += Vector256<float>.Count)
            {
                Vector256<float> sum = Vector256.Load(c + row * n + column);
                for (int i = 0; i < k; i++) sum = Vector256.FusedMultiplyAdd(Vector256.Create(a[row * k + i]), Vector256.Load(b + i * n + column), sum);
                sum.Store(c + row * n + column);
            }
        Write(c, (uint*)fragments, m * n, (PtxType)typeD);
    }

    private static void Read(uint* registers, float* to, int elements, PtxType type)
    {
        int perLane = elements / Lanes;
        for (int lane = 0; lane < Lanes; lane++)
            for (int i = 0; i < perLane; i++)
                to[lane * perLane + i] = type switch
                {
                    PtxType.F16 => PtxMath.FromF16((ushort)(registers[i / 2 * Lanes + lane] >> 16 * (i & 1))),
                    PtxType.BF16 => PtxMath.FromBF16((ushort)(registers[i / 2 * Lanes + lane] >> 16 * (i & 1))),
                    _ => BitConverter.UInt32BitsToSingle(registers[i * Lanes + lane] & (type == PtxType.TF32 ? 0xFFFFE000 : uint.MaxValue)),
                };
    }

    private static void Write(float* from, uint* registers, int elements, PtxType type)
    {
        int perLane = elements / Lanes;
        for (int lane = 0; lane < Lanes; lane++)
            for (int i = 0; i < perLane; i++)
            {
                float value = from[lane * perLane + i];
                if (type == PtxType.F32) registers[i * Lanes + lane] = float.IsNaN(value) ? 0x7FFFFFFF : BitConverter.SingleToUInt32Bits(value);
                else if ((i & 1) == 0) registers[i / 2 * Lanes + lane] = PtxMath.ToF16(value);
                else registers[i / 2 * Lanes + lane] |= (uint)PtxMath.ToF16(value) << 16;
            }
    }
}
