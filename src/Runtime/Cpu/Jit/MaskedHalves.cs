#if !NET10_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Masked accesses of 16 lanes by AVX2's halves, for frameworks without those of AVX-512, which came with .NET 10. Called from generated code.</summary>
internal static unsafe class MaskedHalves
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    [MethodImpl(Inline)]
    public static Vector512<float> MaskLoad(float* place, Vector512<float> mask, Vector512<float> others)
        => Vector512.ConditionalSelect(mask, Vector512.Create(Avx.MaskLoad(place, mask.GetLower()), Avx.MaskLoad(place + 8, mask.GetUpper())), others);

    [MethodImpl(Inline)]
    public static Vector512<double> MaskLoad(double* place, Vector512<double> mask, Vector512<double> others)
        => Vector512.ConditionalSelect(mask, Vector512.Create(Avx.MaskLoad(place, mask.GetLower()), Avx.MaskLoad(place + 4, mask.GetUpper())), others);

    [MethodImpl(Inline)]
    public static Vector512<int> MaskLoad(int* place, Vector512<int> mask, Vector512<int> others)
        => Vector512.ConditionalSelect(mask, Vector512.Create(Avx2.MaskLoad(place, mask.GetLower()), Avx2.MaskLoad(place + 8, mask.GetUpper())), others);

    [MethodImpl(Inline)]
    public static Vector512<long> MaskLoad(long* place, Vector512<long> mask, Vector512<long> others)
        => Vector512.ConditionalSelect(mask, Vector512.Create(Avx2.MaskLoad(place, mask.GetLower()), Avx2.MaskLoad(place + 4, mask.GetUpper())), others);

    [MethodImpl(Inline)]
    public static void MaskStore(float* place, Vector512<float> mask, Vector512<float> values)
    {
        Avx.MaskStore(place, mask.GetLower(), values.GetLower());
        Avx.MaskStore(place + 8, mask.GetUpper(), values.GetUpper());
    }

    [MethodImpl(Inline)]
    public static void MaskStore(double* place, Vector512<double> mask, Vector512<double> values)
    {
        Avx.MaskStore(place, mask.GetLower(), values.GetLower());
        Avx.MaskStore(place + 4, mask.GetUpper(), values.GetUpper());
    }

    [MethodImpl(Inline)]
    public static void MaskStore(int* place, Vector512<int> mask, Vector512<int> values)
    {
        Avx2.MaskStore(place, mask.GetLower(), values.GetLower());
        Avx2.MaskStore(place + 8, mask.GetUpper(), values.GetUpper());
    }

    [MethodImpl(Inline)]
    public static void MaskStore(long* place, Vector512<long> mask, Vector512<long> values)
    {
        Avx2.MaskStore(place, mask.GetLower(), values.GetLower());
        Avx2.MaskStore(place + 4, mask.GetUpper(), values.GetUpper());
    }
}
#endif
