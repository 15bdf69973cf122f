using System.Runtime.CompilerServices;

namespace MmKernels.NativeHost;

/// <summary>Runs a matrix product and a normalisation on the CPU device and prints one JSON object: times, and hashes of the results.</summary>
internal static class Program
{
    private const string Usage = "usage: nativehost [--threads N] [--without-compiler] [--list | --compare PROGRAM]";

    public static int Main(string[] arguments)
    {
        int threads = 1;
        string mode = "measure", other = "";
        for (int i = 0; i < arguments.Length; i++)
            switch (arguments[i])
            {
                case "--threads" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], out threads): i++; break;
                case "--without-compiler": LeaveOutCompiler(); break;
                case "--list": mode = "list"; break;
                case "--compare" when i + 1 < arguments.Length: (mode, other) = ("compare", arguments[++i]); break;
                default: Console.Error.WriteLine(Usage); return 2;
            }
        try
        {
            if (mode == "compare") return Comparison.Run(other, threads);
            using var workloads = new Workloads(threads);
            if (mode == "list") foreach (string line in workloads.Kernels) Console.Out.WriteLine(line);
            else Console.Out.WriteLine(Report(workloads));
            return 0;
        }
        catch (MmkException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static string Report(Workloads workloads)
    {
        string runtime = RuntimeFeature.IsDynamicCodeCompiled ? "JIT" : "NativeAOT";
        IEnumerable<string> results = workloads.Measure().Select(m => $$"""{"name":"{{m.Name}}","milliseconds":{{m.Milliseconds:0.0000}},"sha256":"{{m.Hash}}"}""");
        return $$"""{"runtime":"{{runtime}}","device":"{{workloads.Device}}","startup_milliseconds":{{workloads.StartMilliseconds:0.0}},"from_packs":{{workloads.FromPacks}},"results":[{{string.Join(',', results)}}]}""";
    }

    /// <summary>What a program published with NativeAOT lacks, for tests in one that is not.</summary>
    private static void LeaveOutCompiler()
    {
        AppContext.SetSwitch("MmKernels.Graphs.KernelCompilation", false);
        AppContext.SetSwitch("MmKernels.Runtime.JustInTime", false);
    }
}
