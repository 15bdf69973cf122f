using System.Runtime.InteropServices;

namespace MmKernels.Bench.Kernels;

/// <summary>OpenBLAS, found by name at run time: Debian's package libopenblas0-pthread.</summary>
internal static class OpenBlas
{
    private const int RowMajor = 101, NoTranspose = 111, Transpose = 112;

    private static readonly nint library = Load();
    private static readonly Sgemm? sgemm = Function<Sgemm>("cblas_sgemm");
    private static readonly SetThreads? setThreads = Function<SetThreads>("openblas_set_num_threads");

    private delegate void Sgemm(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float[] a, int strideA, float[] b, int strideB, float beta, float[] c, int strideC);

    private delegate void SetThreads(int threads);

    private delegate nint CoreName();

    /// <summary>Which processor's code it has chosen, or that it is not there. A version older than the processor may choose an older one's; OPENBLAS_CORETYPE names another.</summary>
    public static string Description
        => sgemm is null ? "not installed (libopenblas0-pthread)" : Function<CoreName>("openblas_get_corename") is { } name ? $"its code for {Marshal.PtrToStringAnsi(name())}" : "installed";

    /// <summary>A run of y = x · wᵀ on so many threads; null where the library is not there.</summary>
    public static Action? Gemm(float[] x, float[] w, float[] y, int m, int n, int k, int threads)
    {
        if (sgemm is null || setThreads is null) return null;
        return () =>
        {
            setThreads(threads);
            sgemm(RowMajor, NoTranspose, Transpose, m, n, k, 1f, x, k, w, k, 0f, y, n);
        };
    }

    private static nint Load()
    {
        foreach (string name in new[] { "libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll" })
            if (NativeLibrary.TryLoad(name, out nint found)) return found;
        return 0;
    }

    private static T? Function<T>(string name) where T : Delegate
        => library != 0 && NativeLibrary.TryGetExport(library, name, out nint address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;
}
