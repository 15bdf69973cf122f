using System.Diagnostics;
using MmKernels.Ptx;

namespace MmKernels.Tests;

public class AssemblerTests
{
    /// <summary>One file per producer and the ones with scopes, calls, tables, locations and initialisers.</summary>
    public static TheoryData<string> Cases() =>
    [
        "brx_idx", "noinline_calls", "nvcc_lineinfo", "triton_add_debug_info", "global_vars", "const_memory", "f64_math", "mbarrier_sm80",
        "clang_calls_structs", "opencl_local_argument", "numba_saxpy", "gemm_bf16_mma_256",
    ];

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void PrintedFile_Assembles(string name)
    {
        string? ptxas = Find();
        Skip.If(ptxas is null, "ptxas is not installed");
        string folder = Corpus.Cases().First(f => Path.GetFileName(f) == name);
        PtxModule module = PtxText.Parse(File.ReadAllText(Path.Combine(folder, "kernel.ptx")));
        // ptxas 12.4 knows versions up to 8.4; the corpus survives the lower number.
        string text = PtxText.Print(module);
        if (module.Version > new PtxVersion(8, 4)) text = text.Replace($".version {module.Version}", ".version 8.4");
        string file = Path.Combine(Path.GetTempPath(), $"mmk-{Guid.NewGuid():N}.ptx");
        File.WriteAllText(file, text);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(ptxas!, ["-arch", module.Target, file, "-o", $"{file}.cubin"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            string output = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output);
        }
        finally
        {
            File.Delete(file);
            File.Delete($"{file}.cubin");
        }
    }

    private static string? Find()
    {
        string home = Environment.GetEnvironmentVariable("HOME") ?? "";
        string[] places = [Environment.GetEnvironmentVariable("MMK_PTXAS") ?? "", Path.Combine(home, ".cache/mmkernels/cuda-tools/root/usr/bin/ptxas"),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(p => Path.Combine(p, "ptxas"))];
        return places.FirstOrDefault(File.Exists);
    }
}
