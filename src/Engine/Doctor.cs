using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MmKernels.Graphs;

namespace MmKernels.Engine;

/// <summary>Looks at the machine: devices, vector width, driver, assembler, libraries, the model that comes with the program, the kernel cache.</summary>
public static class Doctor
{
    public static IReadOnlyList<Finding> Examine() =>
    [
        new("system", FindingState.Fine, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores"),
        Simd(), Device("cpu", needed: true), Device("interpreter", needed: false), Device("cuda:0", needed: false), Ptxas(), WebP(), Model(), Cache(),
    ];

    private static Finding Simd()
    {
        string width = Vector512.IsHardwareAccelerated ? "512 bits" : Vector256.IsHardwareAccelerated ? "256 bits" : Vector128.IsHardwareAccelerated ? "128 bits" : "none";
        return Vector128.IsHardwareAccelerated
            ? new("vectors", FindingState.Fine, width)
            : new("vectors", FindingState.Absent, width, "The CPU device will be slow: use a processor with AVX2 or AVX-512, or Arm's AdvSimd");
    }

    private static Finding Device(string name, bool needed)
    {
        try
        {
            using Accelerator accelerator = Accelerator.Open(name);
            return new(name, FindingState.Fine, accelerator.Description);
        }
        catch (MmkException e)
        {
            return new(name, needed ? FindingState.Broken : FindingState.Absent, e.Problem, e.Hint);
        }
    }

    private static Finding Ptxas()
    {
        string?[] places = [Environment.GetEnvironmentVariable("MMK_PTXAS"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mmkernels", "cuda-tools", "root", "usr", "bin", "ptxas"),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "ptxas"))];
        return places.FirstOrDefault(place => !string.IsNullOrEmpty(place) && File.Exists(place)) is { } path
            ? new("ptxas", FindingState.Fine, path)
            : new("ptxas", FindingState.Absent, "not found", "Only tests use it, to assemble every kernel: install NVIDIA's CUDA toolkit, or name the program in MMK_PTXAS");
    }

    private static Finding WebP()
    {
        foreach (string name in new[] { "libwebp.so.7", "libwebp.so", "libwebp", "libwebp-7" })
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                NativeLibrary.Free(library);
                return new("WebP pictures", FindingState.Fine, name);
            }
        return new("WebP pictures", FindingState.Absent, "libwebp is not installed; PNG, JPEG, BMP, GIF and PPM need no library", "For WebP: apt install libwebp7, brew install webp");
    }

    private static Finding Model() => Directory.Exists(MmModel.EmbeddedFolder)
        ? new("embedded model", FindingState.Fine, MmModel.EmbeddedFolder)
        : new("embedded model", FindingState.Broken, $"not at {MmModel.EmbeddedFolder}", "Build the program again");

    private static Finding Cache() => KernelCache.Folder is { } folder
        ? new("kernel cache", FindingState.Fine, folder)
        : new("kernel cache", FindingState.Absent, "off, or no folder can be written", "Kernels are compiled anew in every process; name a folder in MMK_CACHE");
}
