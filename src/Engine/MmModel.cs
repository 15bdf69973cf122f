using System.Diagnostics;
using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>A model on a device, ready to be asked.</summary>
/// <remarks>
/// A model and its sessions may be used by several threads. They share the device, so that questions are answered one after the other; those of
/// <see cref="AskAllAsync"/> are answered side by side.
/// </remarks>
/// <example>
/// <code>
/// using MmModel model = MmModel.Load(null, "cpu");
/// using Session session = model.NewSession();
/// await foreach (string piece in session.AskAsync("Describe the image.", [Picture.FromFile("scene.png")])) Console.Write(piece);
/// </code>
/// </example>
public sealed class MmModel : IDisposable
{
    private const int DefaultMaxTokens = 256;

    private readonly List<Checkpoint> checkpoints = [];
    private readonly SemaphoreSlim gate = new(1);
    private bool disposed;

    private MmModel(Accelerator accelerator) => Accelerator = accelerator;

    /// <summary>The system, for people.</summary>
    public string System => Model.Spec.System;

    /// <summary>The device, for people.</summary>
    public string Device => $"{Accelerator.Name} ({Accelerator.Description})";

    /// <summary>Whether it takes pictures.</summary>
    public bool TakesPictures => Model.Spec.Images is not null;

    /// <summary>Tokens that a conversation can have.</summary>
    public int Context => Model.Llm?.Spec.Context ?? 0;

    /// <summary>What the checkpoint's generation_config.json asks for and does not get, for people.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    public LoadStatistics LoadStatistics { get; private set; } = new() { Milliseconds = 0, WeightBytes = 0 };

    /// <summary>The kernels that were needed so far.</summary>
    public KernelStatistics KernelStatistics => new(Accelerator.Kernels.Count, Accelerator.Kernels.Ready, Accelerator.Kernels.FromDisk, Accelerator.Kernels.Milliseconds);

    /// <summary>The kernels that were needed so far, a line each: what <see cref="KernelPacker"/> reads.</summary>
    public IReadOnlyList<string> KernelList => Accelerator.Kernels.List;

    /// <summary>Bytes on the device that weights and conversations own; weights that are used where the file is mapped are not among them.</summary>
    public long DeviceBytes => Accelerator.PersistentBytes;

    internal Accelerator Accelerator { get; }

    internal Model Model { get; private set; } = null!;

    internal ConversationFormat? Format { get; private set; }

    internal GenerationConfig Generation { get; private set; } = null!;

    /// <summary>Any of these closes an answer.</summary>
    internal int[] EndTokens { get; private set; } = [];

    /// <summary>The folder of the model that comes with the program.</summary>
    public static string EmbeddedFolder => Path.Combine(AppContext.BaseDirectory, "weights", "tiny-llava");

    /// <summary>Loads a checkpoint folder.</summary>
    /// <param name="path">The folder; null takes the model that comes with the program.</param>
    /// <param name="device">cpu, interpreter or cuda:N.</param>
    /// <exception cref="MmkException">
    /// MMK4xx: a file is missing, cut or wrong. MMK508: no such device. MMK600: weights are missing or have wrong shapes. MMK601, MMK602: no known checkpoint.
    /// </exception>
    public static MmModel Load(string? path = null, string device = "cpu") => Load(path, new LoadOptions { Device = device });

    /// <inheritdoc cref="Load(string?, string)"/>
    public static MmModel Load(string? path, LoadOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        ModelFiles files = ModelFiles.Open(path ?? Embedded());
        files.Config.RequirePlainWeights();
        MmModel model = LoadParts(files, options);
        try
        {
            if (model.Model.Llm is null) return model;
            model.Model.Warm(model.Accelerator);
            model.Format = ConversationFormat.Load(model.Model.Spec, files);
            model.Generation = GenerationConfig.Open(files.Folder);
            model.EndTokens = model.Generation.EosTokens is { Length: > 0 } ends ? ends
                : files.Config.Text.Ints("eos_token_id", []) is { Length: > 0 } configured ? configured
                : model.Format.EndToken is { } end ? [end] : [];
            model.Notes = SamplingRules.Ignored(model.Generation);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
        finally
        {
            model.LoadStatistics = model.LoadStatistics with { Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds };
        }
    }

    /// <summary>A new conversation.</summary>
    /// <param name="system">What it begins with, for chat templates that know a system's role; null leaves it to the template.</param>
    /// <exception cref="MmkException">MMK709: the model makes no text. MMK717: its conversations take no system text.</exception>
    public Session NewSession(string? system = null) => new(this, system);

    /// <summary>Answers several questions side by side, each in a conversation of its own, so that the weights are read once for all.</summary>
    /// <param name="questions">The questions; a place that gets free is taken by the next one.</param>
    /// <param name="atOnce">How many are under way at a time, 1 to 16.</param>
    /// <param name="cancellation">Ends all answers early.</param>
    /// <returns>Pieces of all answers as they are made. Each answer has the tokens that its question gets alone.</returns>
    /// <exception cref="MmkException">
    /// As <see cref="Session.AskAsync"/>, before anything is answered. MMK621, MMK622: the model, or a question as long as this one, cannot be answered side by side with others.
    /// </exception>
    /// <exception cref="OperationCanceledException">The answers were cancelled.</exception>
    public IAsyncEnumerable<AnswerPiece> AskAllAsync(IReadOnlyList<Question> questions, int atOnce = 8, CancellationToken cancellation = default)
    {
        if (Model.Llm is null) throw EngineErrors.NoText(System);
        if (questions.Count == 0) throw EngineErrors.NoQuestions();
        if (atOnce is < 1 or > BatchGenerator.MostSlots) throw EngineErrors.Option("answers at once", atOnce, $"Give 1 to {BatchGenerator.MostSlots}");
        return Stream.Run<AnswerPiece>((output, stop) => new BatchAnswers(this, questions, atOnce, output, stop).Run(), cancellation);
    }

    /// <summary>Answers several questions as <see cref="AskAllAsync"/> does; the answers in the order of the questions.</summary>
    /// <exception cref="MmkException">As <see cref="AskAllAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">The answers were cancelled.</exception>
    public async Task<IReadOnlyList<Answer>> AnswerAllAsync(IReadOnlyList<Question> questions, int atOnce = 8, CancellationToken cancellation = default)
    {
        var answers = new Answer[questions.Count];
        await foreach (AnswerPiece piece in AskAllAsync(questions, atOnce, cancellation).ConfigureAwait(false))
            if (piece.Answer is { } answer) answers[piece.Question] = answer;
        return answers;
    }

    /// <summary>Frees the device and the weights, after an answer that is under way. Sessions are of no use any more.</summary>
    public void Dispose()
    {
        gate.Wait();
        if (!disposed)
        {
            Accelerator.Dispose();
            foreach (Checkpoint checkpoint in checkpoints) checkpoint.Dispose();
        }
        disposed = true;
        gate.Release();
    }

    /// <summary>Does something with the device, alone.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled while others had the device.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed of.</exception>
    internal void Use(Action work, CancellationToken cancellation = default)
    {
        if (!gate.Wait(0, CancellationToken.None)) gate.Wait(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            work();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Frees what belongs to a conversation, unless the device has taken it along.</summary>
    internal void Free(Action work)
    {
        gate.Wait();
        if (!disposed) work();
        gate.Release();
    }

    /// <summary>The text of a single token, special ones as the vocabulary spells them.</summary>
    /// <exception cref="MmkException">MMK709: the model makes no text.</exception>
    public string Text(int token) => (Format ?? throw EngineErrors.NoText(System)).Tokenizer.Decode([token], skipSpecialTokens: false);

    /// <summary>New tokens of an answer at most.</summary>
    internal int Limit(GenerationOptions options) => options.MaxTokens ?? Generation.MaxNewTokens ?? DefaultMaxTokens;

    /// <summary>The ids themselves, where the embedding table has them all; <paramref name="placeholder"/> stands for pictures.</summary>
    internal int[] Check(int[] ids, int? placeholder = null)
    {
        int vocabulary = Model.Spec.Llm!.Spec.Vocabulary;
        foreach (int id in ids)
            if ((id < 0 || id >= vocabulary) && id != placeholder) throw EngineErrors.TokenOutOfRange(id, vocabulary);
        return ids;
    }

    /// <summary>Opens the device and the weights, without what only conversations need.</summary>
    internal static MmModel LoadParts(ModelFiles files, LoadOptions options)
    {
        ModelSpec spec = Recipe.Of(files).Read(files);
        var model = new MmModel(Accelerator.Open(options.Device, options.Threads));
        try
        {
            foreach (string weights in spec.Weights) model.checkpoints.Add(Checkpoint.Open(weights));
            model.Model = Model.Build(spec, WeightStore.From(model.Accelerator, model.checkpoints), model.Accelerator);
            model.LoadStatistics = new LoadStatistics { Milliseconds = 0, WeightBytes = model.checkpoints.Sum(checkpoint => checkpoint.Tensors.Sum(tensor => tensor.Bytes)) };
            return model;
        }
        catch (OutOfMemoryException e)
        {
            model.Dispose();
            throw EngineErrors.OutOfMemory(files.Folder, e);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static string Embedded() => Directory.Exists(EmbeddedFolder) ? EmbeddedFolder : throw EngineErrors.NoEmbeddedModel(EmbeddedFolder);
}
