using System.CommandLine;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk run</c>: a question, with or without pictures, becomes an answer.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var modelArgument = new Argument<string?>("MODEL") { Arity = ArgumentArity.ZeroOrOne, Description = "A checkpoint folder; left out, the small model that comes with the program." };
        var image = new Option<string[]>("--image") { HelpName = "PATH", Description = "A picture; may be given several times." };
        var prompt = new Option<string>("--prompt") { HelpName = "TEXT", Required = true, Description = "The question. With <image> markers it is taken as a whole prompt, without them the chat template places the pictures." };
        var system = new Option<string?>("--system") { HelpName = "TEXT", Description = "What the conversation begins with, in place of what the chat template says." };
        var generation = new GenerationArguments();
        var device = DeviceOptions.Device();
        var threads = DeviceOptions.Threads();
        var json = new Option<bool>("--json") { Description = "Print one JSON object as the last line." };
        var list = new Option<string?>("--kernel-list") { HelpName = "FILE", Description = "Write down the kernels that were used, for `mmk pack`." };
        var stats = new Option<bool>("--stats") { Description = "Say where time and memory went." };
        var trace = new Option<string?>("--trace") { HelpName = "FILE", Description = "Write a line of JSON per kernel launch: time, operations, bytes. Launches wait for each other meanwhile." };
        modelArgument.RefuseOptions();
        var command = new Command("run", "Answers a question, about pictures or without.") { modelArgument, image, prompt, system };
        generation.AddTo(command);
        foreach (Option option in (Option[])[device, threads, json, stats, trace, list]) command.Add(option);
        command.SetAction((parsed, cancellation) => Run(new RunArguments(
            parsed.GetValue(modelArgument), parsed.GetValue(image) ?? [], parsed.GetRequiredValue(prompt), parsed.GetValue(system), generation.Read(parsed),
            new LoadOptions { Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads) },
            parsed.GetValue(json), parsed.GetValue(stats), parsed.GetValue(trace), parsed.GetValue(list)), cancellation));
        return command;
    }

    private static async Task<int> Run(RunArguments arguments, CancellationToken cancellation)
    {
        TextWriter output = Console.Out;
        using MmModel model = await Waiting.Load(arguments.Model, arguments.Load, cancellation).ConfigureAwait(false);
        foreach (string note in model.Notes) await Console.Error.WriteLineAsync($"mmk: {note}").ConfigureAwait(false);
        using LaunchLog? log = arguments.Trace is { } file ? new LaunchLog(model, file) : null;
        using Session session = model.NewSession(arguments.System);
        Answer answer = await AnswerPrinter.Print(output, model, session, arguments.Prompt, [.. arguments.Images.Select(Picture.FromFile)], arguments.Generation, cancellation).ConfigureAwait(false);
        if (arguments.KernelList is string list) TextFile.Write(list, string.Concat(model.KernelList.Select(line => line + "\n")));
        if (arguments.Stats) RunReport.WriteStatistics(Console.Error, model, answer);
        if (arguments.Json) await output.WriteLineAsync(RunReport.Json(model, answer)).ConfigureAwait(false);
        return 0;
    }

    private sealed record RunArguments(string? Model, string[] Images, string Prompt, string? System, GenerationOptions Generation, LoadOptions Load, bool Json, bool Stats, string? Trace, string? KernelList);
}
