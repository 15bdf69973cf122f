using MmKernels.Engine;
using Spectre.Console;

namespace MmKernels.Cli;

/// <summary>Shows on a terminal what the user waits for. Where standard error is none, nothing is shown.</summary>
internal static class Waiting
{
    private const int MillisecondsBeforeShowing = 200, MillisecondsPerStep = 80;

    /// <summary>Waits for work.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="work">The work.</param>
    /// <param name="count">How much of it is done, where that can be said.</param>
    public static async Task<T> For<T>(string what, Task<T> work, Func<(int Done, int All)>? count = null)
    {
        if (Console.IsErrorRedirected || work.IsCompleted) return await work.ConfigureAwait(false);
        await Task.WhenAny(work, Task.Delay(MillisecondsBeforeShowing)).ConfigureAwait(false);
        if (work.IsCompleted) return await work.ConfigureAwait(false);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        ProgressColumn[] columns = count is null ? [new SpinnerColumn(), new TaskDescriptionColumn(), new ElapsedTimeColumn()]
            : [new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()];
        await console.Progress().AutoClear(true).Columns(columns).StartAsync(async shown =>
        {
            ProgressTask bar = shown.AddTask(Markup.Escape(what));
            bar.IsIndeterminate = count is null;
            while (!work.IsCompleted)
            {
                if (count is not null) (bar.Value, bar.MaxValue) = count() is var (done, all) ? (done, Math.Max(1, all)) : default;
                await Task.WhenAny(work, Task.Delay(MillisecondsPerStep)).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        return await work.ConfigureAwait(false);
    }

    /// <summary>Loads a model on another thread, so that a signal can end the program meanwhile.</summary>
    public static Task<MmModel> Load(string? path, LoadOptions options, CancellationToken cancellation)
        => For("loading the model", Task.Run(() => MmModel.Load(path, options), cancellation).WaitAsync(cancellation));

    /// <summary>The first piece of an answer, for which kernels may have to be compiled.</summary>
    public static Task<bool> ForFirst(MmModel model, IAsyncEnumerator<string> pieces)
        => For("reading the prompt", pieces.MoveNextAsync().AsTask(), () => (model.KernelStatistics.Ready, model.KernelStatistics.Count));
}
