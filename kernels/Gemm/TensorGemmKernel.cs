namespace MmKernels.Kernels;

/// <summary>A 16-bit storage type that tensor cores multiply, as a type argument of <see cref="TensorGemmKernel"/>.</summary>
internal interface ITensorElement
{
    static abstract Vec4<float> Multiply(Vec4<uint> a, Vec2<uint> b, Vec4<float> c);
}

internal readonly struct TensorF16 : ITensorElement
{
    public static Vec4<float> Multiply(Vec4<uint> a, Vec2<uint> b, Vec4<float> c) => TensorCore.MultiplyF16(a, b, c);
}

internal readonly struct TensorBF16 : ITensorElement
{
    public static Vec4<float> Multiply(Vec4<uint> a, Vec2<uint> b, Vec4<float> c) => TensorCore.MultiplyBF16(a, b, c);
}

/// <summary>y = f(x · wᵀ + bias) + residual on tensor cores.</summary>
/// <remarks>
/// shapes  : x [m, k], w [n, k] of one 16-bit type, bias [n], residual [m, n] -> y [m, n]; any m, n ≥ 1; k a multiple of 8, so that rows are aligned at 16 bytes
/// launch  : grid (n / 128, m / 128), group 256: eight warps of 64 x 32 results; tiles 32 deep, three stages of cp.async in 48 KB of shared memory, through
///           which the results pass at the end; 128 registers on sm_80, none spilled. The CPU runs it at half the speed of a hand-written f32 GEMM:
///           there, Linear takes GemmKernel, which is faster
/// traffic : 2·m·n·k operations; x read n / 128 times, w m / 128 times; compute bound from m about 300 on
/// numbers : products exact, sums in f32 in steps of 16 along k, in ascending order; rows do not depend on each other;
///           within k · 2^-22 · rms(x) · rms(w) of Reference before f and the rounding to the storage type
/// source  : NVIDIA PTX ISA, mma.m16n8k16 and ldmatrix; the swizzle keeps both clear of bank conflicts. GemmKernel.Reference is the reference
/// </remarks>
public static class TensorGemmKernel
{
    private const int Tile = 128;      // rows and columns of a block
    private const int Depth = 32;      // of a step along k
    private const int Chunk = 8;       // elements of 16 bytes
    private const int Stages = 3;
    private const int GroupSize = 256;
    private const int WarpRows = 64, WarpColumns = 32;
    private const int TilesDown = WarpRows / 16, TilesAcross = WarpColumns / 8;
    private const int SlabStride = WarpColumns + 8;   // so that the rows of a store lie in different banks

    /// <summary>True where the operands are what this kernel takes.</summary>
    public static bool Takes(Tensor x, Tensor w) => x.DType == w.DType && x.DType is DType.F16 or DType.BF16 && w.Shape.Rank == 2 && w.Shape[1] % Chunk == 0;

    /// <summary>y = f(x · wᵀ + bias) + residual on tensor cores; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor TensorGemm(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        g.Require(Takes(x, w), x, w);
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        int m = (int)(x.Shape.Elements / k);
        g.Launch(
            new KernelRef(typeof(TensorGemmKernel), nameof(Kernel), KernelRef.Element(x.DType), x.DType == DType.F16 ? typeof(TensorF16) : typeof(TensorBF16), (activation ?? Activation.None).Function),
            new Dim3((n + Tile - 1) / Tile, (m + Tile - 1) / Tile), GroupSize,
            x, w, bias ?? LinearShapes.None(g, w.DType), residual ?? LinearShapes.None(g, x.DType), y, m, n, k);
        g.Work(2.0 * m * n * k);
        return y;
    }

    internal static void Kernel<T, TTensor, TFunction>(In<T> x, In<T> w, In<T> bias, In<T> residual, Out<T> y, int m, int n, int k)
        where T : unmanaged, IElement<T>
        where TTensor : struct, ITensorElement
        where TFunction : struct, IActivation
    {
        ArrayView<T> xs = SharedMemory.Allocate<T>(Stages * Tile * Depth);   // [stage][row][depth], chunks of a row swizzled
        ArrayView<T> ws = SharedMemory.Allocate<T>(Stages * Tile * Depth);   // [stage][column][depth]
        ArrayView<float> sums = LocalMemory.Allocate<float>(TilesDown * TilesAcross * 4);
        ArrayView<uint> a = LocalMemory.Allocate<uint>(TilesDown * 4);

        int lane = Warp.LaneIdx, warp = Warp.WarpIdx;
        int firstRow = Grid.IdxY * Tile, firstColumn = Grid.IdxX * Tile;
        int warpRow = (warp & 1) * WarpRows, warpColumn = (warp >> 1) * WarpColumns;
        for (int i = Unroll.From(0); i < TilesDown * TilesAcross * 4; i++) sums[i] = 0f;

        int steps = (k + Depth - 1) / Depth;
        for (int stage = Unroll.From(0); stage < Stages - 1; stage++)
        {
            Load(x, xs, stage, firstRow, m, stage * Depth, k);
            Load(w, ws, stage, firstColumn, n, stage * Depth, k);
            AsyncCopy.Commit();
        }

        int current = 0;
        for (int step = 0; step < steps; step++)
        {
            AsyncCopy.Wait(Stages - 2);
            Group.Barrier();   // everyone's copies have arrived, and everyone is done with the stage that is loaded next
            int next = current == 0 ? Stages - 1 : current - 1;
            Load(x, xs, next, firstRow, m, (step + Stages - 1) * Depth, k);
            Load(w, ws, next, firstColumn, n, (step + Stages - 1) * Depth, k);
            AsyncCopy.Commit();

            for (int half = Unroll.From(0); half < Depth / 16; half++)
            {
                for (int i = Unroll.From(0); i < TilesDown; i++)
                {
                    Vec4<uint> part = TensorCore.LoadMatrices4(ref xs[Place(current, warpRow + 16 * i + (lane & 15), 2 * half + (lane >> 4))]);
                    a[4 * i] = part.X;
                    a[4 * i + 1] = part.Y;
                    a[4 * i + 2] = part.Z;
                    a[4 * i + 3] = part.W;
                }
                for (int j = Unroll.From(0); j < TilesAcross; j += 2)
                {
                    Vec4<uint> part = TensorCore.LoadMatrices4(ref ws[Place(current, warpColumn + 8 * j + (lane & 7) + 8 * (lane >> 4), 2 * half + (lane >> 3 & 1))]);
                    Vec2<uint> b0, b1;
                    b0.X = part.X;
                    b0.Y = part.Y;
                    b1.X = part.Z;
                    b1.Y = part.W;
                    for (int i = Unroll.From(0); i < TilesDown; i++)
                    {
                        Vec4<uint> fragment;
                        fragment.X = a[4 * i];
                        fragment.Y = a[4 * i + 1];
                        fragment.Z = a[4 * i + 2];
                        fragment.W = a[4 * i + 3];
                        MultiplyInto<TTensor>(sums, (i * TilesAcross + j) * 4, fragment, b0);
                        MultiplyInto<TTensor>(sums, (i * TilesAcross + j + 1) * 4, fragment, b1);
                    }
                }
            }
            current = current == Stages - 1 ? 0 : current + 1;
        }

        AsyncCopy.Wait(0);
        Group.Barrier();   // nobody reads or fills the tiles any more: results pass through their memory, so that rows are written whole
        ArrayView<float> slab = xs.Cast<float>().SubView(warp * 16 * SlabStride);
        int column = firstColumn + warpColumn + lane;
        bool inside = column < n;
        float added = inside && bias.View.IntLength > 0 ? (float)bias[column] : -0f;   // x + -0 is x, whatever its sign
        for (int i = Unroll.From(0); i < TilesDown; i++)
        {
            for (int j = Unroll.From(0); j < TilesAcross; j++)
                for (int e = Unroll.From(0); e < 4; e++)
                    slab[((lane >> 2) + 8 * (e >> 1)) * SlabStride + 8 * j + 2 * (lane & 3) + (e & 1)] = sums[(i * TilesAcross + j) * 4 + e];
            Warp.Barrier();
            int row = firstRow + warpRow + 16 * i, rows = XMath.Min(m - row, 16);
            for (int r = 0; r < rows; r++)
            {
                if (!inside) continue;
                long at = (long)(row + r) * n + column;
                float value = TFunction.Apply(slab[r * SlabStride + lane] + added);
                if (residual.View.Length > 0) value += residual[at];
                y[at] = (T)value;
            }
            Warp.Barrier();
        }
    }

    /// <summary>Starts to copy a tile's step, two rows' chunks of 16 bytes per thread; zeros beyond the matrix.</summary>
    private static void Load<T>(In<T> from, ArrayView<T> to, int stage, int first, int rows, int depth, int k) where T : unmanaged
    {
        for (int i = Unroll.From(0); i < Tile * Depth / Chunk; i += GroupSize)
        {
            int row = (Group.IdxX + i) >> 2, chunk = Group.IdxX & 3;
            bool inside = first + row < rows && depth + Chunk * chunk < k;
            AsyncCopy.Copy16OrZero(ref to[Place(stage, row, chunk)], from, (long)(first + row) * k + depth + Chunk * chunk, inside);
        }
    }

    /// <summary>Where a chunk of a row lies: rows of 64 bytes, whose chunks change places from every second row to the next.</summary>
    private static int Place(int stage, int row, int chunk) => (stage * Tile + row) * Depth + (chunk ^ (row >> 1 & 3)) * Chunk;

    private static void MultiplyInto<TTensor>(ArrayView<float> sums, int at, Vec4<uint> a, Vec2<uint> b) where TTensor : struct, ITensorElement
    {
        Vec4<float> c;
        c.X = sums[at];
        c.Y = sums[at + 1];
        c.Z = sums[at + 2];
        c.W = sums[at + 3];
        c = TTensor.Multiply(a, b, c);
        sums[at] = c.X;
        sums[at + 1] = c.Y;
        sums[at + 2] = c.Z;
        sums[at + 3] = c.W;
    }
}
