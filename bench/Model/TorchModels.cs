using System.Diagnostics;
using System.Globalization;

namespace MmKernels.Bench;

/// <summary>The same shapes in PyTorch on the CPU (torch_models.py), where a Python has it.</summary>
internal static class TorchModels
{
    /// <summary>Prints PyTorch's time for the same work, and ours as a share of its speed.</summary>
    public static void Compare(string what, int threads, DType type, int layers, double seconds, double aim, bool wanted)
    {
        if (!wanted) return;
        string name = $"  PyTorch, {type}, {threads} threads: ";
        double? torch = Measure(what, threads, type, layers, out string why);
        Console.WriteLine(torch is { } time ? $"{name}{time * 1e3:0.0} ms; ours at {time / seconds:0.00} of its speed (aim {aim:0.0})" : $"{name}absent ({why})");
    }

    private static double? Measure(string what, int threads, DType type, int layers, out string why)
    {
        why = "";
        try
        {
            string python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
            var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "torch_models.py"), what, $"{threads}", type == DType.F32 ? "float32" : "bfloat16", $"{layers}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> problems = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0) return double.Parse(output, CultureInfo.InvariantCulture);
            why = problems.Result.TrimEnd().Split('\n')[^1];
        }
        catch (System.ComponentModel.Win32Exception e) { why = e.Message; }
        return null;
    }
}
