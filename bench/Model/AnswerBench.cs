using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MmKernels.Bench;

/// <summary>
/// Times one answer about one picture from process start to process end, as a user sees it: with an empty kernel cache and with the cache of the run before.
/// Build src/Cli in Release first.
/// </summary>
internal static class AnswerBench
{
    private static readonly string[] Figures = ["cpu_ms", "process_start_ms", "load_ms", "image_ms", "prefill_ms", "decode_ms", "kernel_ms", "kernels", "kernels_from_disk"];

    public static int Run(int runs, string[] further)
    {
        string repository = FindRepository(), mmk = Path.Combine(repository, "src", "Cli", "bin", "Release", "net10.0", "mmk.dll");
        if (!File.Exists(mmk))
        {
            Console.Error.WriteLine($"there is no {mmk}: dotnet build -c Release src/Cli");
            return 1;
        }
        string scene = Path.Combine(repository, "weights", "tiny-llava", "examples", "scene00.png");
        string[] ask = ["run", "--image", scene, "--prompt", "How many objects are there?", "--json", .. further];

        Console.WriteLine($"{Environment.ProcessorCount} cores, {runs} runs each; milliseconds; wall is process start to end");
        Console.WriteLine($"{"",-6}{"wall",9}{string.Concat(Figures.Select(figure => $"{figure.Replace("_ms", ""),19}"))}");
        var cold = new List<double>();
        var warm = new List<double>();
        for (int run = 0; run < runs; run++)
        {
            string cache = Directory.CreateTempSubdirectory("mmk-bench-").FullName;
            cold.Add(Time("cold", mmk, ask, cache));
            warm.Add(Time("warm", mmk, ask, cache));
            Directory.Delete(cache, recursive: true);
        }
        Report("cold", cold, 3000);
        Report("warm", warm, 1500);
        return 0;
    }

    private static double Time(string name, string mmk, string[] arguments, string cache)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(mmk);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["MMK_CACHE"] = cache;
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double wall = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (process.ExitCode != 0) throw new InvalidOperationException($"mmk ended with {process.ExitCode}");
        using JsonDocument json = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        JsonElement stats = json.RootElement.GetProperty("stats");
        string figures = string.Concat(Figures.Select(figure => stats.GetProperty(figure).GetDouble().ToString("0", CultureInfo.InvariantCulture).PadLeft(19)));
        Console.WriteLine($"{name,-6}{wall.ToString("0", CultureInfo.InvariantCulture),9}{figures}");
        return wall;
    }

    private static void Report(string name, List<double> times, double aim)
    {
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: best {times[0]:0} ms, median {times[times.Count / 2]:0} ms, worst {times[^1]:0} ms (aim {aim:0} ms)"));
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MmKernels.sln"))) return folder.FullName;
        throw new InvalidOperationException("run it from a checkout");
    }
}
