using MmKernels.Dialect;

namespace MmKernels.Tests.Kernels;

/// <summary>Loads, stores, arithmetic and control flow.</summary>
internal static class Basics
{
    // compile: Copy F32
    // check: .param .u64 .ptr .global .align 1 x
    // check: .param .u64 x_length
    // check: ld.global.nc.f32
    // check: st.global.f32
    // compile: Copy F16
    // check: ld.global.nc.b16
    // check: cvt.f32.f16
    // check: cvt.rn.f16.f32
    // check: st.global.b16
    // compile: Copy BF16
    // check: ld.global.nc.b16
    // check: cvt.rn.bf16.f32
    // check: st.global.b16
    private static void Copy<T>(In<T> x, Out<T> y, int n) where T : unmanaged, IElement<T>
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= n) return;
        float v = x[i];
        y[i] = (T)(v * 2f);
    }

    // compile: Saxpy
    // options: group=256
    // check: .reqntid 256, 1, 1
    // check: shl.b32
    // check: ld.global.f32
    // check: ld.global.nc.f32
    // check: fma.rn.f32
    // not: %ntid
    private static void Saxpy(In<float> x, InOut<float> y, float a, int n)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i < n) y[i] += a * x[i];
    }

    // compile: SaxpyExact
    // options: exact
    // check: mul.rn.f32
    // check: add.rn.f32
    // not: fma
    private static void SaxpyExact(In<float> x, InOut<float> y, float a, int n)
    {
        int i = Group.IdxX;
        if (i < n) y[i] = a * x[i] + y[i];
    }

    // compile: Fusions
    // check: neg.f32
    // check: fma.rn.f32
    private static void Fusions(In<float> x, Out<float> y)
    {
        int i = Group.IdxX;
        y[i] = x[i] - x[i + 1] * x[i + 2];
    }

    // compile: ConstantsInAddresses
    // check: ld.global.nc.f32 %f1, [%rd
    // check: +4]
    // check: +8]
    // check: +-4]
    private static void ConstantsInAddresses(In<float> x, Out<float> y)
    {
        int i = Group.IdxX;
        y[i] = x[i] + x[i + 1] + x[i + 2] + x[i - 1];
    }

    // compile: Vectors
    // check: ld.global.nc.v4.f32
    // check: st.global.v4.f32
    // not: ld.global.nc.f32
    private static void Vectors(In<float> x, Out<float> y)
    {
        Vec4<float> v = x.Cast<Vec4<float>>()[Group.IdxX];
        v.X *= 2f;
        v.W += v.Y;
        y.Cast<Vec4<float>>()[Group.IdxX] = v;
    }

    // compile: HalfVectors F16
    // check: ld.global.nc.v4.b16
    // check: cvt.f32.f16
    // check: st.global.v2.b16
    // compile: HalfVectors F32
    // check: ld.global.nc.v4.f32
    // check: st.global.v2.f32
    private static void HalfVectors<T>(In<T> x, Out<T> y) where T : unmanaged, IElement<T>
    {
        Vec4<T> v = x.Cast<Vec4<T>>()[Group.IdxX];
        Vec2<T> sums;
        sums.X = (T)(v.X + v.Y);
        sums.Y = (T)(v.Z + v.W);
        y.Cast<Vec2<T>>()[Group.IdxX] = sums;
    }

    // compile: Bytes
    // check: ld.global.nc.u8
    // check: cvt.rn.f32.s32
    // check: cvt.rzi.s32.f32
    // check: st.global.u8
    private static void Bytes(In<byte> x, Out<byte> y)
    {
        float v = x[Group.IdxX] / 255f;
        y[Group.IdxX] = (byte)(v * 17f);
    }

    // compile: Unsigned
    // check: setp.
    // check: .u32
    // check: shr.u32
    private static void Unsigned(In<uint> x, Out<uint> y, uint limit)
    {
        uint v = x[Group.IdxX];
        if (v < limit) v >>= 3;
        y[Group.IdxX] = v;
    }

    // compile: DivideByConstants
    // check: mul.hi.u32
    // check: mul.hi.s32
    // not: div.
    // not: rem.
    private static void DivideByConstants(In<int> x, Out<int> y)
    {
        int tid = Group.IdxX, v = x[tid];
        y[tid] = tid / 3 + tid % 7 + tid / 16 + tid % 32;
        y[tid + 1024] = v / 3 + v % 10 + v / 8 + v % 64 + v / -5;
    }

    // compile: Switch
    // check: setp.
    // check: st.global.b32
    private static void Switch(In<int> x, Out<int> y)
    {
        int v = x[Group.IdxX];
        int r = v switch { 0 => 10, 1 => 7, 2 => v * 3, 3 => -1, 5 => v, _ => 99 };
        y[Group.IdxX] = r;
    }

    // compile: Collatz
    // check: shr.s32
    // check: selp.b32
    private static void Collatz(In<int> x, Out<int> y, int n)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= n) return;
        int v = x[i], steps = 0;
        while (v != 1)
        {
            v = (v & 1) == 0 ? v >> 1 : 3 * v + 1;
            steps++;
        }
        y[i] = steps;
    }

    // compile: BreakAndContinue
    // check: ld.global.nc.b32
    private static void BreakAndContinue(In<int> x, Out<int> y, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            int v = x[i];
            if (v < 0) break;
            if (v == 7) continue;
            sum += v;
        }
        y[0] = sum;
    }

    // compile: LongIndices
    // check: mul.lo.s64
    // check: shl.b64
    private static void LongIndices(In<float> x, Out<float> y, int rows, int columns)
    {
        long row = (long)Grid.IdxX * columns;
        y[row + Group.IdxX] = x[row + Group.IdxX + rows];
    }

    // compile: Doubles
    // check: ld.global.nc.f64
    // check: fma.rn.f64
    // check: sqrt.rn.f64
    // check: cvt.rn.f32.f64
    private static void Doubles(In<double> x, Out<float> y)
    {
        double v = x[Group.IdxX];
        y[Group.IdxX] = (float)Math.Sqrt(v * v + 1.0);
    }

    // compile: Conversions
    // check: cvt.rn.f32.u32
    // check: cvt.rn.f32.s64
    // check: cvt.rzi.u32.f32
    private static void Conversions(In<uint> x, In<long> z, Out<uint> y)
    {
        float v = (float)x[0] + (float)z[0];
        y[0] = (uint)v;
    }

    // compile: ExactMaths
    // check: abs.f32
    // check: min.NaN.f32
    // check: max.f32
    // check: cvt.rmi.f32.f32
    // check: fma.rn.f32
    private static void ExactMaths(In<float> x, Out<float> y)
    {
        float v = MathF.Abs(x[0]);
        v = MathF.Min(v, x[1]);
        v = XMath.Max(v, x[2]);
        v = MathF.Floor(v);
        y[0] = MathF.FusedMultiplyAdd(v, x[3], x[4]);
    }

    // compile: TwoReturns
    // check: setp
    private static void TwoReturns(In<float> x, Out<float> y) => y[0] = Sign(x[0]) + Sign(x[1]);

    private static float Sign(float v)
    {
        if (v > 0) return 1f;
        if (v < 0) return -1f;
        return 0f;
    }

    // compile: OutParameters
    // check: div.rn.f32
    private static void OutParameters(In<float> x, Out<float> y)
    {
        Split(x[0], out float whole, out float rest);
        (float a, float b) = Swap(whole, rest);
        y[0] = a / b;
    }

    private static void Split(float v, out float whole, out float rest)
    {
        whole = MathF.Floor(v);
        rest = v - whole;
    }

    private static (float, float) Swap(float a, float b) => (b, a);

    // compile: Lines
    // options: lines
    // check: .file 1
    // check: Basics.cs
    // check: .loc 1
    private static void Lines(In<float> x, Out<float> y) => y[0] = x[0] + 1f;

    // compile: EightHalves BF16
    // check: ld.global.nc.v4.b32
    // check: shl.b32
    // check: and.b32
    // check: cvt.rn.bf16.f32
    // check: st.global.v4.b32
    // compile: EightHalves F16
    // check: ld.global.nc.v4.b32
    // check: cvt.f32.f16
    // check: st.global.v4.b32
    // compile: EightHalves F32
    // check: ld.global.nc.v4.f32
    // check: ld.global.nc.v4.f32
    private static void EightHalves<T>(In<T> x, Out<T> y) where T : unmanaged, IElement<T>
    {
        Vec8<T> v = x.Cast<Vec8<T>>()[Group.IdxX];
        v.E0 = (T)(v.E0 + v.E7 * 2f);
        v.E3 = (T)(v.E4 * v.E2);
        y.Cast<Vec8<T>>()[Group.IdxX] = v;
    }
}
