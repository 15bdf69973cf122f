using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MmKernels.Engine;

/// <summary>Work on a thread of its own whose results are read as they are made.</summary>
internal static class Stream
{
    /// <summary>Runs the work; what ends it ends the stream. Leaving the stream early cancels the work and waits for it.</summary>
    public static async IAsyncEnumerable<T> Run<T>(Action<ChannelWriter<T>, CancellationToken> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<T> channel = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        // Not a thread of the pool: those are busy with compiling kernels.
        Task task = Task.Factory.StartNew(() => Complete(channel.Writer, work, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (T piece in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false)) yield return piece;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await task.ConfigureAwait(false);
        }
    }

    private static void Complete<T>(ChannelWriter<T> output, Action<ChannelWriter<T>, CancellationToken> work, CancellationToken stop)
    {
        Exception? error = null;
        try { work(output, stop); }
        catch (Exception e) { error = e; }
        output.Complete(error);
    }
}
