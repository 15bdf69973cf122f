using System.Runtime.CompilerServices;
using MmKernels.Dialect;

namespace MmKernels.Tests.Kernels;

internal interface ITile
{
    static abstract int Rows { get; }

    static abstract int Depth { get; }
}

internal struct Tile64 : ITile
{
    public static int Rows => 4;

    public static int Depth => 16;
}

/// <summary>A running maximum and sum of exponentials.</summary>
internal struct OnlineSoftmax
{
    public float Maximum, Sum;

    public OnlineSoftmax()
    {
        Maximum = -1e30f;
        Sum = 0f;
    }

    public float Push(float score, out float correction)
    {
        float maximum = XMath.Max(Maximum, score);
        correction = XMath.Exp2(Maximum - maximum);
        float p = XMath.Exp2(score - maximum);
        Sum = Sum * correction + p;
        Maximum = maximum;
        return p;
    }
}

[InlineArray(64)]
internal struct Row64
{
    private float first;
}

/// <summary>Shared memory, shuffles, unrolling and register arrays.</summary>
internal static class Parallel
{
    private static float WarpSum(float v)
    {
        for (int offset = Unroll.From(16); offset > 0; offset >>= 1) v += Warp.ShuffleXor(v, offset);
        return v;
    }

    // compile: MaximumOfARow
    // check: shfl.sync.bfly.b32 %f
    internal static void MaximumOfARow(In<float> x, Out<float> y, int n)
    {
        int lane = Group.IdxX, whole = n & ~31;
        float largest = -1e30f;
        for (int first = 0; first < whole; first += 32) largest = XMath.Max(largest, x.SubView(first)[lane]);
        if (whole + lane < n) largest = XMath.Max(largest, x.SubView(whole)[lane]);
        for (int offset = Unroll.From(16); offset > 0; offset >>= 1) largest = XMath.Max(largest, Warp.ShuffleXor(largest, offset));
        y[lane] = largest;
    }

    // compile: RmsNorm
    // check: .shared .align 16 .b8
    // check: ld.global.nc.f32
    // check: fma.rn.f32
    // check: shfl.sync.bfly.b32
    // check: , 16, 31, -1
    // check: , 1, 31, -1
    // check: st.shared.f32
    // check: bar.sync 0
    // check: rsqrt.approx.f32
    private static void RmsNorm(In<float> x, In<float> w, Out<float> y, int columns, float eps)
    {
        int row = Grid.IdxX, tid = Group.IdxX;
        In<float> xs = x.SubView(row * columns);
        Out<float> ys = y.SubView(row * columns);
        float sum = 0;
        for (int i = tid; i < columns; i += Group.DimX)
        {
            float v = xs[i];
            sum += v * v;
        }
        sum = WarpSum(sum);
        ArrayView<float> shared = SharedMemory.Allocate<float>(32);
        int lane = tid & 31, warp = tid >> 5;
        if (lane == 0) shared[warp] = sum;
        Group.Barrier();
        sum = lane < Group.DimX / 32 && lane >= 0 ? shared[lane] : 0f;
        sum = WarpSum(sum);
        float scale = XMath.Rsqrt(sum / columns + eps);
        for (int i = tid; i < columns; i += Group.DimX) ys[i] = xs[i] * scale * w[i];
    }

    // compile: Gemm Tile64
    // check: .shared .align 16 .b8 shared0[4096]
    // check: bar.sync 0
    // check: ld.shared.f32
    // check: +192]
    // not: .local
    private static void Gemm<TTile>(In<float> a, In<float> b, Out<float> c, int m, int n, int k) where TTile : struct, ITile
    {
        ArrayView<float> sa = SharedMemory.Allocate<float>(64 * TTile.Depth), sb = SharedMemory.Allocate<float>(TTile.Depth * 64);
        int tid = Group.IdxX, tx = tid & 15, ty = tid >> 4, firstRow = Grid.IdxY * 64, firstColumn = Grid.IdxX * 64;
        ArrayView<float> sums = LocalMemory.Allocate<float>(TTile.Rows * TTile.Rows), ra = LocalMemory.Allocate<float>(TTile.Rows), rb = LocalMemory.Allocate<float>(TTile.Rows);
        for (int i = Unroll.From(0); i < TTile.Rows * TTile.Rows; i++) sums[i] = 0;
        for (int k0 = 0; k0 < k; k0 += TTile.Depth)
        {
            for (int i = Unroll.From(0); i < 4; i++) sa[(ty + i * 16) * TTile.Depth + tx] = a[(firstRow + ty + i * 16) * k + k0 + tx];
            for (int i = Unroll.From(0); i < 4; i++)
            {
                int q = tid + i * 256;
                sb[q] = b[(k0 + (q >> 6)) * n + firstColumn + (q & 63)];
            }
            Group.Barrier();
            for (int d = Unroll.From(0); d < TTile.Depth; d++)
            {
                for (int i = Unroll.From(0); i < TTile.Rows; i++) ra[i] = sa[(ty * TTile.Rows + i) * TTile.Depth + d];
                for (int j = Unroll.From(0); j < TTile.Rows; j++) rb[j] = sb[d * 64 + tx + 16 * j];
                for (int i = Unroll.From(0); i < TTile.Rows; i++)
                    for (int j = Unroll.From(0); j < TTile.Rows; j++) sums[i * TTile.Rows + j] += ra[i] * rb[j];
            }
            Group.Barrier();
        }
        for (int i = Unroll.From(0); i < TTile.Rows; i++)
            for (int j = Unroll.From(0); j < TTile.Rows; j++) c[(firstRow + ty * TTile.Rows + i) * n + firstColumn + tx + 16 * j] = sums[i * TTile.Rows + j];
    }

    // compile: Flash
    // check: ld.global.nc.f32
    // check: st.shared.f32
    // check: ex2.approx.ftz.f32
    // not: .local
    private static void Flash(In<float> q, In<float> k, In<float> v, Out<float> o, int length, float scale, int causal)
    {
        int tid = Group.IdxX, row = Grid.IdxX * Group.DimX + tid, head = Grid.IdxY * length * 64;
        ArrayView<float> ks = SharedMemory.Allocate<float>(32 * 64), vs = SharedMemory.Allocate<float>(32 * 64);
        Row64 query = default, sums = default;
        for (int d = Unroll.From(0); d < 64; d++)
        {
            query[d] = q[head + row * 64 + d] * scale;
            sums[d] = 0;
        }
        var state = new OnlineSoftmax();
        int end = causal != 0 ? (Grid.IdxX + 1) * Group.DimX : length;
        for (int k0 = 0; k0 < end; k0 += 32)
        {
            for (int i = tid; i < 32 * 64; i += Group.DimX)
            {
                ks[i] = k[head + k0 * 64 + i];
                vs[i] = v[head + k0 * 64 + i];
            }
            Group.Barrier();
            for (int j = 0; j < 32; j++)
            {
                float score = 0;
                for (int d = Unroll.From(0); d < 64; d++) score += query[d] * ks[j * 64 + d];
                if (causal != 0 && k0 + j > row) score = -1e30f;
                float p = state.Push(score, out float correction);
                for (int d = Unroll.From(0); d < 64; d++) sums[d] = sums[d] * correction + p * vs[j * 64 + d];
            }
            Group.Barrier();
        }
        float inverse = XMath.Rcp(state.Sum);
        for (int d = Unroll.From(0); d < 64; d++) o[head + row * 64 + d] = sums[d] * inverse;
    }

    // compile: LocalTable
    // options: local
    // check: .local .align 16 .b8
    // check: st.local.f32
    // check: ld.local.f32
    private static void LocalTable(In<int> index, Out<float> y)
    {
        ArrayView<float> table = LocalMemory.Allocate<float>(8);
        for (int i = Unroll.From(0); i < 8; i++) table[i] = i * i;
        y[Group.IdxX] = table[index[Group.IdxX] & 7];
    }

    // compile: InlineTable
    // options: local
    // check: .local .align 16 .b8
    // check: ld.local.f32
    private static void InlineTable(In<int> index, Out<float> y)
    {
        Row64 table = default;
        for (int i = Unroll.From(0); i < 64; i++) table[i] = i;
        y[Group.IdxX] = table[index[Group.IdxX] & 63];
    }

    // compile: References
    // check: add.rn.f32
    // check: add.rn.f32
    // not: .local
    private static void References(In<int> which, InOut<float> y)
    {
        float a = y[0], b = y[1];
        ref float chosen = ref a;
        if (which[0] > 0) chosen = ref b;
        chosen += 1f;
        y[0] = a;
        y[1] = b;
    }

    // compile: ViewsOfBothSpaces
    // check: ld.shared.f32
    private static void ViewsOfBothSpaces(InOut<float> y, int which)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(64);
        shared[Group.IdxX] = y[Group.IdxX];
        Group.Barrier();
        ArrayView<float> view = shared;
        if (which > 0) view = y.View;
        y[Group.IdxX] = view[Group.IdxX ^ 1];
    }

    // compile: NestedUnrolling
    // check: st.global.b32
    // not: setp
    private static void NestedUnrolling(Out<int> y)
    {
        int at = Unroll.From(0);
        for (int i = Unroll.From(0); i < 3; i++)
            for (int j = Unroll.From(0); j <= i; j++)
                if ((i + j) % 2 == 0) y[at++] = i * 10 + j;
    }

    // compile: Histogram
    // check: atom.shared.add.u32
    // check: bar.sync 0
    // check: atom.global.add.u32
    private static void Histogram(In<byte> x, InOut<uint> counts, int n)
    {
        ArrayView<uint> local = SharedMemory.Allocate<uint>(256);
        for (int i = Group.IdxX; i < 256; i += Group.DimX) local[i] = 0;
        Group.Barrier();
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < n; i += Group.DimX * Grid.DimX) Atomic.Add(ref local[x[i]], 1u);
        Group.Barrier();
        for (int i = Group.IdxX; i < 256; i += Group.DimX) Atomic.Add(ref counts[i], local[i]);
    }

    // compile: Locks
    // check: atom.global.cas.b32
    // check: membar.gl
    // check: atom.global.exch.b32
    private static void Locks(InOut<int> state, InOut<float> y)
    {
        while (Atomic.CompareExchange(ref state[0], 0, 1) != 0)
        {
        }
        MemoryFence.DeviceLevel();
        y[0] += 1f;
        Atomic.Exchange(ref state[0], 0);
    }

    // compile: Votes
    // check: vote.sync.ballot.b32
    // check: popc.b32
    // check: vote.sync.any.pred
    private static void Votes(In<float> x, Out<int> y)
    {
        float v = x[Group.IdxX];
        uint positive = Warp.Ballot(v > 0f);
        int count = System.Numerics.BitOperations.PopCount(positive);
        y[Group.IdxX] = Warp.Any(v > 100f) ? -count : count;
    }

    // compile: WideShuffles
    // check: shfl.sync.down.b32
    // check: shfl.sync.down.b32
    // check: mov.b64
    private static void WideShuffles(InOut<double> x) => x[Group.IdxX] += Warp.ShuffleDown(x[Group.IdxX], 1);

    // compile: DynamicShared
    // check: .extern .shared .align 16 .b8 dynamic_shared[]
    // check: st.shared.f32
    private static void DynamicShared(InOut<float> x)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        shared[Group.IdxX] = x[Group.IdxX];
        Group.Barrier();
        x[Group.IdxX] = shared[Group.DimX - 1 - Group.IdxX];
    }

    // compile: Functions
    // check: fma.rn.f32
    // not: .approx
    private static void Functions(In<float> x, Out<float> y)
    {
        float v = x[Group.IdxX];
        y[Group.IdxX] = XMath.Exp(v) + XMath.Erf(v) + XMath.Sin(v) + XMath.Tanh(v) + XMath.Log(v) + XMath.Pow(v, 1.5f);
    }

    // compile: LocalAddresses
    // check: ld.global.nc.f32
    private static void LocalAddresses(In<float> x, Out<float> y)
    {
        float low = float.MaxValue, high = float.MinValue;
        for (int i = 0; i < 100; i++) Widen(ref low, ref high, x[i]);
        y[0] = high - low;
    }

    private static void Widen(ref float low, ref float high, float v)
    {
        if (v < low) low = v;
        if (v > high) high = v;
    }

    // compile: TensorGemm
    // check: cp.async.cg.shared.global
    // check: cp.async.commit_group
    // check: cp.async.wait_group 0
    // check: bar.sync 0
    // check: ldmatrix.sync.aligned.m8n8.x4.shared.b16
    // check: ldmatrix.sync.aligned.m8n8.x2.shared.b16
    // check: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
    // check: cvt.rn.bf16x2.f32
    // not: .local
    private static void TensorGemm(In<BF16> a, In<BF16> b, Out<uint> c, int k)
    {
        // One warp: c[16, 8] = a[16, k] · b[8, k]ᵀ, k a multiple of 16.
        ArrayView<BF16> sa = SharedMemory.Allocate<BF16>(16 * 16), sb = SharedMemory.Allocate<BF16>(16 * 16);
        int lane = Warp.LaneIdx, row = lane >> 1, half = (lane & 1) * 8;
        Vec4<float> sum = default;
        for (int k0 = 0; k0 < k; k0 += 16)
        {
            AsyncCopy.Copy16(ref sa[row * 16 + half], a, row * k + k0 + half);
            AsyncCopy.Copy16OrZero(ref sb[row * 16 + half], b, (row & 7) * k + k0 + half, row < 8);
            AsyncCopy.Commit();
            AsyncCopy.Wait(0);
            Group.Barrier();
            Vec4<uint> fa = TensorCore.LoadMatrices4(ref sa[(lane & 15) * 16 + (lane >> 4) * 8]);
            Vec2<uint> fb = TensorCore.LoadMatrices2(ref sb[(lane & 7) * 16 + (lane >> 3 & 1) * 8]);
            sum = TensorCore.MultiplyBF16(fa, fb, sum);
            Group.Barrier();
        }
        c[lane] = TensorCore.PackBF16(sum.X, sum.Y);
        c[lane + 32] = TensorCore.PackBF16(sum.Z, sum.W);
    }

    // compile: InlinePtx
    // check: lop3.b32
    // check: , 150;
    // check: mov.u32
    // check: %clock
    // check: prmt.b32
    // check: setp.gt.u32
    // check: bra
    private static void InlinePtx(In<uint> x, Out<uint> y)
    {
        int i = Group.IdxX;
        CudaAsm.Emit("lop3.b32 %0, %1, %2, %3, 0x96;", out uint parity, x[i], x[i + 1], x[i + 2]);
        CudaAsm.Emit("mov.u32 %0, %%clock;", out uint clock);
        uint bytes = parity;
        CudaAsm.EmitRef("{ .reg .pred more; .reg .b32 t; prmt.b32 t, %0, %1, 0x0123; AGAIN: add.u32 t, t, 7; setp.gt.u32 more, t, 100; @more bra AGAIN; mov.b32 %0, t; }", ref bytes, ref clock);
        y[i] = bytes + clock;
    }

    // compile: GroupFunctions
    // check: bar.red.popc.u32
    // check: bar.red.or.pred
    // check: st.shared.f32
    private static void GroupFunctions(In<float> x, Out<float> y)
    {
        float v = x[(int)Grid.GlobalLinearIndex];
        int positive = Group.BarrierPopCount(v > 0f);
        if (Group.BarrierOr(v > 100f)) positive = -positive;
        Index3D at = Grid.GlobalIndex;
        y[at.X + at.Y] = Group.Broadcast(v, 3) + positive;
    }
}
