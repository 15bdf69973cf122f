using System.Diagnostics;
using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>A model on a device, ready to be asked.</summary>
/// <remarks>Sessions of one model may be used by several threads; they share the device, so they answer one after the other.</remarks>
/// <example>
/// <code>
/// using MmModel model = MmModel.Load(null, "cpu");
/// using Session session = model.NewSession();
/// await foreach (string piece in session.AskAsync("Describe the image.", [Picture.FromFile("scene.png")])) Console.Write(piece);
/// </code>
/// </example>
public sealed class MmModel : IDisposable
{
    private readonly List<Checkpoint> checkpoints = [];

    private MmModel(Accelerator accelerator) => Accelerator = accelerator;

    /// <summary>The system, for people.</summary>
    public string System => Model.Spec.System;

    /// <summary>The device, for people.</summary>
    public string Device => $"{Accelerator.Name} ({Accelerator.Description})";

    /// <summary>Whether it takes pictures.</summary>
    public bool TakesPictures => Model.Spec.Images is not null;

    /// <summary>Tokens that a conversation can have.</summary>
    public int Context => Model.Llm?.Spec.Context ?? 0;

    public LoadStatistics LoadStatistics { get; private set; } = new() { Milliseconds = 0, WeightBytes = 0 };

    /// <summary>The kernels that were needed so far.</summary>
    public KernelStatistics KernelStatistics => new(Accelerator.Kernels.Count, Accelerator.Kernels.FromDisk, Accelerator.Kernels.Milliseconds);

    /// <summary>Bytes on the device that weights and conversations own; weights that are used where the file is mapped are not among them.</summary>
    public long DeviceBytes => Accelerator.PersistentBytes;

    internal Accelerator Accelerator { get; }

    /// <summary>Held by whoever uses the device.</summary>
    internal Lock Gate { get; } = new();

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
            model.EndTokens = model.Generation.EosTokens is { Length: > 0 } ends ? ends : files.Config.Text.Ints("eos_token_id", []);
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
    /// <exception cref="MmkException">MMK608: the model makes no text.</exception>
    public Session NewSession() => new(this);

    public void Dispose()
    {
        Accelerator.Dispose();
        foreach (Checkpoint checkpoint in checkpoints) checkpoint.Dispose();
    }

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
