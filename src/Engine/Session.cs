using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>A conversation with pictures. What it has read stays in the key-value cache, so that each question costs only its own tokens.</summary>
/// <remarks>One question at a time: asked while it answers, it refuses. Any thread may ask, and several sessions may be asked at once.</remarks>
public sealed class Session : IDisposable
{
    private readonly MmModel model;
    private readonly TextGenerator generator = null!;
    private readonly PictureEncoder? encoder;
    private readonly List<Message> messages = [];
    private readonly List<int> cached = [];     // rows whose keys and values the cache holds
    private int answering;      // 1 while it is
    private bool disposed;

    internal Session(MmModel model, string? system)
    {
        this.model = model;
        Models.Decoder llm = model.Model.Llm ?? throw EngineErrors.NoText(model.System);
        if (system is not null) messages.Add(model.Format!.System(system));
        TextGenerator? made = null;
        model.Use(() => made = new TextGenerator(model.Accelerator, llm));
        generator = made!;
        if (model.TakesPictures) encoder = new PictureEncoder(model.Accelerator, model.Model);
    }

    /// <summary>The last answer; null before the first. A cancelled one has what was made until then.</summary>
    public Answer? LastAnswer { get; private set; }

    /// <summary>Asks a question and streams the answer.</summary>
    /// <param name="prompt">
    /// The question. Without <c>&lt;image&gt;</c> the chat template places the pictures; with it the prompt is a whole prompt, taken as it stands, with one marker for each picture.
    /// </param>
    /// <param name="pictures">The pictures that come with the question.</param>
    /// <param name="options">How to answer.</param>
    /// <param name="cancellation">Ends the answer early.</param>
    /// <returns>Pieces of text as they are made.</returns>
    /// <exception cref="MmkException">
    /// MMK460 to MMK470: a picture cannot be read. MMK606, MMK607, MMK710: pictures and prompt do not belong together. MMK620: the model's logits are not numbers.
    /// MMK700, MMK703, MMK716: an option is out of range. MMK702: the session is still answering. MMK711: the conversation does not fit the context.
    /// </exception>
    /// <exception cref="OperationCanceledException">The answer was cancelled.</exception>
    public async IAsyncEnumerable<string> AskAsync(string prompt, IReadOnlyList<Picture>? pictures = null, GenerationOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options ??= new GenerationOptions();
        if (string.IsNullOrWhiteSpace(prompt)) throw EngineErrors.EmptyPrompt();
        TokenSampling sampling = SamplingRules.Of(options, model.Generation);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (Interlocked.Exchange(ref answering, 1) == 1) throw EngineErrors.Busy();
        try
        {
            await foreach (string piece in Stream.Run<string>((output, stop) =>
                model.Use(() => Answer(prompt, pictures ?? [], options, sampling, output, stop), stop), cancellation).ConfigureAwait(false)) yield return piece;
        }
        finally
        {
            Volatile.Write(ref answering, 0);
        }
    }

    /// <summary>Frees the conversation, after an answer that is under way.</summary>
    public void Dispose()
        => model.Free(() =>
        {
            if (disposed) return;
            disposed = true;
            generator.Dispose();
            encoder?.Dispose();
        });

    private void Answer(string prompt, IReadOnlyList<Picture> pictures, GenerationOptions options, TokenSampling sampling, ChannelWriter<string> output, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        long start = Stopwatch.GetTimestamp();
        Message question = model.Format!.Question(prompt, pictures.Count, model.System, afterSystem: messages.Count > 0 && messages[0].Role == Message.SystemRole);
        int[] ids = model.Format.Tokenize([.. messages, question]);
        PreparedPicture[] prepared = encoder?.Prepare(pictures) ?? [];
        TokenMap map = Map(ids, prepared);
        if (map.Tokens >= generator.Context) throw EngineErrors.TooManyTokens(map.Tokens, generator.Context);

        // Everything is recorded before anything is waited for, so that all kernels compile side by side.
        // An encoder reads whole prompts.
        int reused = model.Model.Llm!.Encoder is not null ? 0 : Math.Min(map.Rows.CommonPrefixLength(CollectionsMarshal.AsSpan(cached)), map.Tokens - 1);
        int limit = model.Limit(options);
        generator.Reserve((int)Math.Min(generator.Context, (long)map.Tokens + limit), reused);
        int picturesBefore = encoder?.Count ?? 0;
        generator.Begin(sampling, map);
        encoder?.Begin(prepared);
        cached.RemoveRange(reused, cached.Count - reused);
        generator.BeginPrefill(map.From(reused), reused, encoder?.Visual, model.Model.Connector);
        generator.Prepare();
        try
        {
            encoder?.Finish();
            double seen = Elapsed(start);
            int token = generator.FinishPrefill();
            cached.Clear();
            cached.AddRange(map.Rows);
            double read = Elapsed(start);
            var answer = new AnswerBuilder(model, options, limit, piece => output.TryWrite(piece));
            StopReason? over;
            while ((over = answer.Add(token, generator.LogProbabilities, generator.Alternatives, cached.Count + 1 > generator.Context, cancellation.IsCancellationRequested)) is null)
            {
                cached.Add(token);
                token = generator.Next();
            }
            LastAnswer = answer.Finish(over.Value, new AnswerStatistics
            {
                PromptTokens = map.Tokens, CachedTokens = reused, NewTokens = answer.Tokens,
                ImageMilliseconds = seen, PrefillMilliseconds = read - seen, FirstTokenMilliseconds = read, DecodeMilliseconds = Elapsed(start) - read,
                ImageArenaBytes = encoder?.ArenaBytes ?? 0, PrefillArenaBytes = generator.PrefillArenaBytes, DecodeArenaBytes = generator.StepArenaBytes,
            });
        }
        catch
        {
            cached.Clear();   // its rows may not be what they should be
            encoder?.Keep(picturesBefore);
            throw;
        }
        messages.Add(question);
        messages.Add(new Message(Message.Assistant, LastAnswer.Text));
        if (LastAnswer.Stop == StopReason.Cancelled) throw new OperationCanceledException(cancellation);
    }

    /// <summary>Which rows are text and which visual, counted over all pictures of the conversation.</summary>
    private TokenMap Map(int[] ids, PreparedPicture[] prepared)
    {
        if (encoder is null) return TokenMap.Text(model.Check(ids));
        int[] tokens = [.. encoder.Tokens, .. prepared.Select(picture => picture.Tokens)];
        int placeholder = model.Format!.Placeholder!.Value;
        return TokenMap.Expand(model.Check(ids, placeholder), placeholder, tokens);
    }

    private static double Elapsed(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
