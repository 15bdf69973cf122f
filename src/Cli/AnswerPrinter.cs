using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary>Asks a question and prints the answer as it is made.</summary>
internal static class AnswerPrinter
{
    /// <summary>The answer; a line feed ends what was printed, also where the answer was cancelled.</summary>
    public static async Task<Answer> Print(TextWriter output, MmModel model, Session session, string prompt, IReadOnlyList<Picture> pictures, GenerationOptions options, CancellationToken cancellation)
    {
        Answer? before = session.LastAnswer;
        try
        {
            await using IAsyncEnumerator<string> pieces = session.AskAsync(prompt, pictures, options, cancellation).GetAsyncEnumerator(CancellationToken.None);
            for (bool more = await Waiting.ForFirst(model, pieces).ConfigureAwait(false); more; more = await pieces.MoveNextAsync().ConfigureAwait(false))
            {
                await output.WriteAsync(pieces.Current).ConfigureAwait(false);
                await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            if (session.LastAnswer != before) await output.WriteLineAsync().ConfigureAwait(false);
        }
        return session.LastAnswer!;
    }
}
