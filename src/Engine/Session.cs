using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using MmKernels.Data.Tokenizers;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>A conversation with pictures. What it has read stays in the key-value cache, so that each question costs only its own tokens.</summary>
/// <remarks>One question at a time.</remarks>
public sealed class Session : IDisposable
{
    private const int DefaultMaxTokens = 256;

    private readonly MmModel model;
    private readonly TextGenerator generator;
    private readonly PictureEncoder? encoder;
    private readonly List<Message> messages = [];
    private readonly List<int> cached = [];     // rows whose keys and values the cache holds
    private int answering;      // 1 while it is

    internal Session(MmModel model)
    {
        this.model = model;
        Models.Decoder llm = model.Model.Llm ?? throw EngineErrors.NoText(model.System);
        lock (model.Gate) generator = new TextGenerator(model.Accelerator, llm);
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
    /// MMK460 to MMK470: a picture cannot be read. MMK605: the conversation does not fit the context. MMK606, MMK607: pictures and prompt do not belong together. MMK700 to MMK707.
    /// </exception>
    /// <exception cref="OperationCanceledException">The answer was cancelled.</exception>
    public async IAsyncEnumerable<string> AskAsync(string prompt, IReadOnlyList<Picture>? pictures = null, GenerationOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options ??= new GenerationOptions();
        Check(prompt, options);
        if (Interlocked.Exchange(ref answering, 1) == 1) throw EngineErrors.Busy();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<string> channel = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        // A thread of its own: the pool's are busy with compiling kernels.
        Task work = Task.Factory.StartNew(() => Complete(channel.Writer, () => AnswerAlone(prompt, pictures ?? [], options, channel.Writer, stop.Token)),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (string piece in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false)) yield return piece;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(false);
            Volatile.Write(ref answering, 0);
        }
    }

    public void Dispose()
    {
        lock (model.Gate)
        {
            generator.Dispose();
            encoder?.Dispose();
        }
    }

    private static void Check(string prompt, GenerationOptions options)
    {
        if (string.IsNullOrWhiteSpace(prompt)) throw EngineErrors.EmptyPrompt();
        if (options.Temperature != 0) throw EngineErrors.Temperature(options.Temperature);
        if (options.MaxTokens is < 1) throw EngineErrors.MaxTokens(options.MaxTokens.Value);
    }

    /// <summary>Whatever ends the work ends the stream.</summary>
    private static void Complete(ChannelWriter<string> output, Action work)
    {
        Exception? error = null;
        try { work(); }
        catch (Exception e) { error = e; }
        output.Complete(error);
    }

    private void AnswerAlone(string prompt, IReadOnlyList<Picture> pictures, GenerationOptions options, ChannelWriter<string> output, CancellationToken cancellation)
    {
        lock (model.Gate) Answer(prompt, pictures, options, output, cancellation);
    }

    private void Answer(string prompt, IReadOnlyList<Picture> pictures, GenerationOptions options, ChannelWriter<string> output, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        var question = new Message(Message.User, prompt, pictures.Count, IsComplete: prompt.Contains(model.Format!.Marker, StringComparison.Ordinal));
        if (encoder is null && (pictures.Count > 0 || question.IsComplete)) throw EngineErrors.NoPictures(model.System);
        int[] ids = model.Format!.Tokenize([.. messages, question]);
        PreparedPicture[] prepared = encoder?.Prepare(pictures) ?? [];
        TokenMap map = Map(ids, prepared);
        if (map.Tokens >= generator.Context) throw EngineErrors.TooManyTokens(map.Tokens, generator.Context);

        // Everything is recorded before anything is waited for, so that all kernels compile side by side.
        // An encoder reads whole prompts.
        int reused = model.Model.Llm!.Encoder is not null ? 0 : Math.Min(map.Rows.CommonPrefixLength(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(cached)), map.Tokens - 1);
        int limit = options.MaxTokens ?? model.Generation.MaxNewTokens ?? DefaultMaxTokens;
        generator.Reserve((int)Math.Min(generator.Context, (long)map.Tokens + limit), reused);
        encoder?.Begin(prepared);
        generator.BeginPrefill(map.From(reused), reused, encoder?.Visual, model.Model.Connector);
        generator.Prepare();
        encoder?.Finish();
        double seen = Elapsed(start);
        cached.Clear();
        int first = generator.FinishPrefill();
        cached.AddRange(map.Rows);
        double read = Elapsed(start);

        var tokens = new List<int>();
        string text = Continue(first, limit, [.. options.Stops, .. model.Model.Spec.Conversation?.Stops ?? []], tokens, output, out StopReason reason, cancellation);
        messages.Add(question);
        messages.Add(new Message(Message.Assistant, text));
        LastAnswer = new Answer(text, tokens, reason, new AnswerStatistics
        {
            PromptTokens = map.Tokens, CachedTokens = reused, NewTokens = tokens.Count,
            ImageMilliseconds = seen, PrefillMilliseconds = read - seen, FirstTokenMilliseconds = read, DecodeMilliseconds = Elapsed(start) - read,
            ArenaBytes = Math.Max(generator.ArenaBytes, encoder?.ArenaBytes ?? 0),
        });
        if (reason == StopReason.Cancelled) throw new OperationCanceledException(cancellation);
    }

    /// <summary>Which rows are text and which visual, counted over all pictures of the conversation.</summary>
    private TokenMap Map(int[] ids, PreparedPicture[] prepared)
    {
        if (encoder is null) return TokenMap.Text(model.Check(ids));
        int[] tokens = [.. encoder.Tokens, .. prepared.Select(picture => picture.Tokens)];
        int placeholder = model.Format!.Placeholder!.Value;
        return TokenMap.Expand(model.Check(ids, placeholder), placeholder, tokens);
    }

    private string Continue(int token, int limit, IReadOnlyList<string> stops, List<int> tokens, ChannelWriter<string> output, out StopReason reason, CancellationToken cancellation)
    {
        int[] ends = model.EndTokens;
        TokenStream stream = model.Format!.Tokenizer.Stream();
        var filter = new StopFilter(stops);
        var text = new StringBuilder();
        while (true)
        {
            tokens.Add(token);
            bool end = Array.IndexOf(ends, token) >= 0;
            if (!end && stream.Add(token) is { } piece) Write(filter.Add(piece));
            if (end) reason = StopReason.EndToken;
            else if (filter.Stopped) reason = StopReason.StopText;
            else if (tokens.Count >= limit) reason = StopReason.MaxTokens;
            else if (cached.Count + 1 > generator.Context) reason = StopReason.ContextFull;
            else if (cancellation.IsCancellationRequested) reason = StopReason.Cancelled;
            else
            {
                cached.Add(token);
                token = generator.Next();
                continue;
            }
            Write(filter.Add(stream.Flush()));
            Write(filter.Flush());
            return text.ToString();
        }

        void Write(string piece)
        {
            if (piece.Length == 0) return;
            text.Append(piece);
            output.TryWrite(piece);
        }
    }

    private static double Elapsed(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
