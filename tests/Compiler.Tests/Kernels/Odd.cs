using MmKernels.Dialect;

namespace MmKernels.Tests.Kernels;

/// <summary>Kernels that nobody would write, but that mean something.</summary>
internal static class Odd
{
    // compile: Nothing
    // check: ret;
    private static void Nothing()
    {
    }

    // compile: Endless
    // check: bra.uni
    private static void Endless(InOut<int> y)
    {
        while (true) y[0]++;
    }

    // compile: EndlessAndEmpty
    // check: bra.uni
    private static void EndlessAndEmpty(In<int> x)
    {
        while (true)
        {
        }
    }

    // compile: Names
    // check: gr__e
    // check: shared0
    // check: min_length_
    // check: WARP_SZ_
    // check: .shared .align 16 .b8 shared0_[
    private static void Names(In<float> größe, In<float> min, InOut<float> shared0, int min_length, int WARP_SZ, float @class)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(64);
        shared[Group.IdxX] = größe[min_length] + min[WARP_SZ] * @class;
        Group.Barrier();
        shared0[Group.IdxX] = shared[Group.IdxX ^ 1];
    }

    // compile: DividesByAnything
    // check: div.s32
    // check: rem.s64
    // check: div.u32
    private static void DividesByAnything(In<int> x, In<int> d, Out<long> y)
    {
        int i = Group.IdxX, a = x[i], b = d[i];
        y[i] = a / b + (a * 0x1_0000_0000L) % b + (uint)a / (uint)b + (long)((ulong)a % (ulong)b);
    }

    // compile: DoublesItsIndex
    // check: ld.global.nc.b32
    private static void DoublesItsIndex(In<int> x, Out<int> y)
    {
        int i = Group.IdxX + 1;
        for (int k = Unroll.From(0); k < 60; k++) i += i + 1;
        y[0] = x[i];
    }

    // compile: ViewsChosenInALoop
    // check: bar.sync
    private static void ViewsChosenInALoop(InOut<int> y, int which, int rounds)
    {
        int t = Group.IdxX;
        ArrayView<int> shared = SharedMemory.Allocate<int>(32), view = shared;
        shared[t] = 100 + t;
        Group.Barrier();
        if (which > 0) view = y.View;
        for (int i = 0; i < rounds; i++)
        {
            view[t] += i;
            if (((i + which) & 3) == 3) view = y.View;
            else if (((i + which) & 7) == 5) view = shared;
        }
        y[t + 32] = shared[t];
    }

    // compile: ReturnsFromLoops
    // check: st.global.b32
    private static void ReturnsFromLoops(In<int> x, Out<int> y)
    {
        int t = Group.IdxX;
        for (int i = 0; ; i++)
            for (int j = 0; j < 4; j++)
            {
                if (x[t] <= i * j) return;
                y[t] = i * 10 + j;
                if (j == 2 && i == x[t]) break;
            }
    }

    // compile: WaitsInUniformLoops
    // options: group=64
    // check: bar.sync
    private static void WaitsInUniformLoops(InOut<int> y, int n)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(64);
        int t = Group.IdxX;
        if (t >= 64) Group.Barrier();
        for (int i = 0; i < n; i++)
        {
            shared[t] = y[t] + i;
            Group.Barrier();
            if (n > 3) y[t] = shared[t ^ 1];
            Group.Barrier();
        }
        if (t < 32) y[t] = Warp.ShuffleXor(y[t], 1);
        if (t > 40) return;
        y[t] += 1;
    }

    // compile: ReadsATable
    // check: .const .align 16 .b8 table0[40]
    // check: ld.const.b32
    private static void ReadsATable(In<int> x, Out<int> y)
    {
        ReadOnlySpan<int> primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];
        y[Group.IdxX] = primes[x[Group.IdxX] % 10] + primes[4];
    }
}
