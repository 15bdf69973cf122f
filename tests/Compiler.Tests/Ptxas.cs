using System.Diagnostics;

namespace MmKernels.Tests;

/// <summary>NVIDIA's assembler, where it is installed.</summary>
internal static class Ptxas
{
    private static readonly Lazy<string?> path = new(Find);

    /// <summary>The program, or null.</summary>
    public static string? Program => path.Value;

    /// <summary>Assembles PTX; what ptxas said about it, errors included.</summary>
    public static string Assemble(string ptx, string target)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, ptx);
            var start = new ProcessStartInfo(Program!, ["-arch", target, "-v", file, "-o", file + ".cubin"]) { RedirectStandardError = true, RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd() + errors.Result;
            process.WaitForExit();
            return process.ExitCode == 0 ? output : $"ptxas failed with code {process.ExitCode}\n{output}\n{ptx}";
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".cubin");
        }
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("MMK_PTXAS");
        if (named is not null) return File.Exists(named) ? named : null;
        string cached = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/mmkernels/cuda-tools/root/usr/bin/ptxas");
        if (File.Exists(cached)) return cached;
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            if (File.Exists(Path.Combine(folder, "ptxas"))) return Path.Combine(folder, "ptxas");
        return null;
    }
}
