using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MmKernels.Tests;

/// <summary>Runs the program as its users do: a process of its own.</summary>
internal static class Mmk
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "mmk.dll");

    public static string Model => Path.Combine(Goldens.Repository, "weights", "tiny-llava");

    public static string Scene(int number) => Path.Combine(Model, "examples", $"scene{number:00}.png");

    public static MmkResult Run(params string[] arguments) => Finish(Start(arguments));

    /// <summary>Runs the program with a switch of its runtime configuration set to false.</summary>
    public static MmkResult RunWithout(string feature, TemporaryFolder folder, params string[] arguments)
    {
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(Program, ".runtimeconfig.json")))!;
        configuration["runtimeOptions"]!["configProperties"]![feature] = false;
        return Finish(Start(arguments, input: false, "exec", "--runtimeconfig", folder.Write("mmk.runtimeconfig.json", configuration.ToJsonString())));
    }

    /// <summary>Waits for a process and returns what it left.</summary>
    public static MmkResult Finish(Process started)
    {
        using Process process = started;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new MmkResult(process.ExitCode, output, error.Result);
    }

    /// <summary>Runs the program with this text on its standard input.</summary>
    public static MmkResult RunWith(string input, params string[] arguments)
    {
        using Process process = Start(arguments, input: true);
        Task<string> error = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return new MmkResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts the program; its output is there to be read.</summary>
    public static Process Start(params string[] arguments) => Start(arguments, input: false);

    /// <summary>Starts the program; its output is there to be read, and its input to be written where that is wanted.</summary>
    public static Process Start(string[] arguments, bool input, params string[] host)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", host)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = input, WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(Program);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}

/// <summary>What a run left.</summary>
internal sealed record MmkResult(int ExitCode, string Output, string Error)
{
    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];
}
