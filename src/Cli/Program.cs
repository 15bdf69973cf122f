using System.CommandLine;

namespace MmKernels.Cli;

internal static class Program
{
    private const int Failure = 1, Usage = 2, Cancelled = 130;

    public static async Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Multimodal language models on kernels written in C#.")
        {
            RunCommand.Create(), ChatCommand.Create(), VerifyCommand.Create(), InspectCommand.Create(), ImageCommand.Create(), TokenizeCommand.Create(), TemplateCommand.Create(), KernelsCommand.Create(), PtxCommand.Create(), PackCommand.Create(), BenchCommand.Create(), DoctorCommand.Create(),
        };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors) await Console.Error.WriteLineAsync($"mmk: {error.Message}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync("Try `mmk --help`, or --help after a command.").ConfigureAwait(false);
            return Usage;
        }
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            if (parsed.CommandResult.Command.Name == ChatCommand.Name) configuration.ProcessTerminationTimeout = null;   // a conversation handles signals itself
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (MmkException e)
        {
            return await Fail(e.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Cancelled;
        }
        catch (IOException)
        {
            return Failure;   // whoever read our output has stopped
        }
        catch (OutOfMemoryException)
        {
            return await Fail("MMK800 there is not enough memory. Use a smaller model, or a machine with more memory").ConfigureAwait(false);
        }
    }

    private static async Task<int> Fail(string message)
    {
        await Console.Out.FlushAsync().ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"mmk: {message}").ConfigureAwait(false);
        return Failure;
    }
}
