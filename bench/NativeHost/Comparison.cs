using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MmKernels.NativeHost;

/// <summary>Measures this program and another build of it in turns, and prints the ratio of their best times.</summary>
internal static class Comparison
{
    private const int Turns = 5;

    /// <returns>0 where both computed the same bits.</returns>
    public static int Run(string other, int threads)
    {
        var mine = new List<JsonElement>();
        var theirs = new List<JsonElement>();
        for (int turn = 0; turn < Turns; turn++)
        {
            mine.Add(Measure(Environment.ProcessPath!, Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [], threads));
            theirs.Add(Measure(other, [], threads));
        }
        (string a, string b) = (Text(mine[0], "runtime"), Text(theirs[0], "runtime"));
        Console.Out.WriteLine($"{threads} threads; {Text(mine[0], "device")}");
        Console.Out.WriteLine($"{"",-28}{a,14}{b,14}{"speed of the second",22}  bits");
        bool same = true;
        for (int i = 0; i < mine[0].GetProperty("results").GetArrayLength(); i++)
        {
            double first = Best(mine, i), second = Best(theirs, i);
            bool equal = mine.Concat(theirs).Select(run => Text(run.GetProperty("results")[i], "sha256")).Distinct().Count() == 1;
            same &= equal;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Text(mine[0].GetProperty("results")[i], "name"),-28}{first,11:0.000} ms{second,11:0.000} ms{first / second,22:0.00}  {(equal ? "equal" : "DIFFERENT")}"));
        }
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"until everything can run",-28}{mine.Min(Start),11:0.0} ms{theirs.Min(Start),11:0.0} ms{mine.Min(Start) / theirs.Min(Start),22:0.00}"));
        return same ? 0 : 1;

        static double Start(JsonElement run) => run.GetProperty("startup_milliseconds").GetDouble();
    }

    private static double Best(List<JsonElement> runs, int result) => runs.Min(run => run.GetProperty("results")[result].GetProperty("milliseconds").GetDouble());

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private static JsonElement Measure(string program, string[] before, int threads)
    {
        var start = new ProcessStartInfo(program, [.. before, "--threads", threads.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
        return JsonDocument.Parse(output).RootElement;
    }
}
