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
        var maxTokens = new Option<int?>("--max-tokens") { HelpName = "N", Description = "New tokens at most." };
        var temperature = new Option<double>("--temperature") { HelpName = "T", Description = "0: always the most probable token." };
        var device = DeviceOptions.Device();
        var threads = DeviceOptions.Threads();
        var json = new Option<bool>("--json") { Description = "Print one JSON object as the last line." };
        var stats = new Option<bool>("--stats") { Description = "Say where the time went." };
        maxTokens.AcceptOnly(1, int.MaxValue);
        modelArgument.RefuseOptions();
        var command = new Command("run", "Answers a question about pictures.") { modelArgument, image, prompt, maxTokens, temperature, device, threads, json, stats };
        command.SetAction((parsed, cancellation) => Run(new RunArguments(
            parsed.GetValue(modelArgument), parsed.GetValue(image) ?? [], parsed.GetRequiredValue(prompt),
            new GenerationOptions { MaxTokens = parsed.GetValue(maxTokens), Temperature = parsed.GetValue(temperature) },
            new LoadOptions { Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads) },
            parsed.GetValue(json), parsed.GetValue(stats)), cancellation));
        return command;
    }

    private static async Task<int> Run(RunArguments arguments, CancellationToken cancellation)
    {
        TextWriter output = Console.Out;
        // On another thread, so that a signal can end the program while it loads.
        using MmModel model = await Task.Run(() => MmModel.Load(arguments.Model, arguments.Load), cancellation).WaitAsync(cancellation).ConfigureAwait(false);
        using Session session = model.NewSession();
        try
        {
            await foreach (string piece in session.AskAsync(arguments.Prompt, [.. arguments.Images.Select(Picture.FromFile)], arguments.Generation, cancellation).ConfigureAwait(false))
            {
                await output.WriteAsync(piece).ConfigureAwait(false);
                await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            if (session.LastAnswer is not null) await output.WriteLineAsync().ConfigureAwait(false);
        }
        Answer answer = session.LastAnswer!;
        if (arguments.Stats) RunReport.WriteStatistics(Console.Error, model, answer);
        if (arguments.Json) await output.WriteLineAsync(RunReport.Json(model, answer)).ConfigureAwait(false);
        return 0;
    }

    private sealed record RunArguments(string? Model, string[] Images, string Prompt, GenerationOptions Generation, LoadOptions Load, bool Json, bool Stats);
}
