using System.CommandLine;
using System.Runtime.InteropServices;
using MmKernels.Engine;
using Spectre.Console;

namespace MmKernels.Cli;

/// <summary><c>mmk chat</c>: a conversation. At a terminal it asks for each line, from a pipe it reads line by line and prints the answers alone.</summary>
internal sealed class ChatCommand : IDisposable
{
    /// <summary>Its name; the program leaves signals to it.</summary>
    public const string Name = "chat";

    private const string Help = """
        /image PATH    look at a picture with the next question
        /system TEXT   begin anew with this text in place of the chat template's own; without a text, with that
        /reset         begin anew
        /quit          end (as the end of input does); Ctrl-C ends an answer
        """;

    private readonly MmModel model;
    private readonly GenerationOptions options;
    private readonly bool stats;
    private readonly IAnsiConsole? terminal = Console.IsInputRedirected || Console.IsOutputRedirected ? null : AnsiConsole.Console;
    private readonly List<Picture> pictures = [];
    private string? system;
    private Session session;
    private volatile CancellationTokenSource? answering;
    private bool failed;

    private ChatCommand(MmModel model, GenerationOptions options, string? system, bool stats)
        => (this.model, this.options, this.system, this.stats, session) = (model, options, system, stats, model.NewSession(system));

    public static Command Create()
    {
        var modelArgument = new Argument<string?>("MODEL") { Arity = ArgumentArity.ZeroOrOne, Description = "A checkpoint folder; left out, the small model that comes with the program." };
        var system = new Option<string?>("--system") { HelpName = "TEXT", Description = "What the conversation begins with, in place of what the chat template says." };
        var generation = new GenerationArguments();
        var device = DeviceOptions.Device();
        var threads = DeviceOptions.Threads();
        var stats = new Option<bool>("--stats") { Description = "Say after each answer where time and memory went." };
        modelArgument.RefuseOptions();
        var command = new Command(Name, "Holds a conversation; /help says what else can be typed.") { modelArgument, system };
        generation.AddTo(command);
        foreach (Option option in (Option[])[device, threads, stats]) command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var load = new LoadOptions { Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads) };
            using MmModel model = await Waiting.Load(parsed.GetValue(modelArgument), load, cancellation).ConfigureAwait(false);
            foreach (string note in model.Notes) await Console.Error.WriteLineAsync($"mmk: {note}").ConfigureAwait(false);
            using var chat = new ChatCommand(model, generation.Read(parsed), parsed.GetValue(system), parsed.GetValue(stats));
            return await chat.Run().ConfigureAwait(false);
        });
        return command;
    }

    public void Dispose() => session.Dispose();

    /// <summary>Reads and answers until the end; 1 where some line could not be answered.</summary>
    private async Task<int> Run()
    {
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        terminal?.MarkupLineInterpolated($"[grey]{model.System} on {model.Device}; /help says what can be typed[/]");
        while (true)
        {
            terminal?.Markup("[green]>[/] ");
            if (await Console.In.ReadLineAsync().ConfigureAwait(false) is not { } line) break;
            line = line.Trim();
            if (line is "/quit") break;
            if (line.Length == 0) continue;
            try
            {
                if (line[0] == '/') Command(line);
                else await Answer(line).ConfigureAwait(false);
            }
            catch (MmkException e)
            {
                failed = true;
                pictures.Clear();
                await Console.Out.FlushAsync().ConfigureAwait(false);
                await Console.Error.WriteLineAsync($"mmk: {e.Message}").ConfigureAwait(false);
            }
        }
        return failed ? 1 : 0;
    }

    private void Command(string line)
    {
        string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        string? argument = words.Length > 1 && words[1].Length > 0 ? words[1] : null;
        switch (words[0])
        {
            case "/image":
                if (argument is null || !File.Exists(argument)) throw new MmkException(804, argument is null ? "/image names no picture" : $"there is no picture {argument}", "Give the path of a picture");
                pictures.Add(Picture.FromFile(argument));
                break;
            case "/system":
                Restart(argument);
                break;
            case "/reset":
                Restart(system);
                break;
            case "/help":
                Console.Out.WriteLine(Help);
                break;
            default:
                throw new MmkException(805, $"there is no command {words[0]}", "/help lists them");
        }
    }

    private void Restart(string? text)
    {
        Session next = model.NewSession(text);   // before anything is given up: the model may take no such text
        session.Dispose();
        (session, system) = (next, text);
        pictures.Clear();
    }

    private async Task Answer(string prompt)
    {
        using var cancellation = new CancellationTokenSource();
        answering = cancellation;
        try
        {
            Answer answer = await AnswerPrinter.Print(Console.Out, model, session, prompt, [.. pictures], options, cancellation.Token).ConfigureAwait(false);
            if (stats) RunReport.WriteStatistics(Console.Error, model, answer);
        }
        catch (OperationCanceledException)
        {
            // What there is of the answer has been printed.
        }
        finally
        {
            answering = null;
        }
        pictures.Clear();
    }

    /// <summary>While an answer is made the signal ends that, else the program.</summary>
    private void Interrupt(PosixSignalContext context)
    {
        if (answering is not { } cancellation) return;
        context.Cancel = true;
        try { cancellation.Cancel(); }
        catch (ObjectDisposedException) { }   // the answer has just ended
    }
}
