using System.Diagnostics;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Measures a model's stages on a device, beside what the device can do at best.</summary>
public sealed class ModelBench : IDisposable
{
    private const int Rounds = 4, Steps = 12, Sequences = 8, TextTokens = 64;

    private readonly MmModel? loaded;
    private readonly Accelerator accelerator;
    private readonly Model model;
    private readonly TensorScope scope;
    private readonly GraphPlan gemm, read;
    private readonly double gemmOperations, readBytes;
    private double bestGemm = double.PositiveInfinity, bestRead = double.PositiveInfinity;   // seconds

    private ModelBench(MmModel? loaded, Accelerator accelerator, Model model)
    {
        (this.loaded, this.accelerator, this.model, DeviceBytes) = (loaded, accelerator, model, accelerator.PersistentBytes);
        scope = accelerator.OpenScope();
        (gemm, gemmOperations) = (Plan(Yardsticks.Gemm(accelerator)), Yardsticks.Gemm(accelerator).Operations);
        (read, readBytes) = (Plan(Yardsticks.Read), Yardsticks.Read.Bytes);
    }

    /// <summary>The shapes that can be measured with random weights.</summary>
    public static IEnumerable<string> Shapes => ModelShapes.Names;

    /// <summary>The system and the device, for people.</summary>
    public string Title => $"{model.Spec.System} on {accelerator.Name} ({accelerator.Description})";

    /// <summary>Bytes on the device that weights own; those used where a file is mapped are not among them.</summary>
    public long DeviceBytes { get; }

    /// <summary>A checkpoint folder; null for the model that comes with the program.</summary>
    /// <exception cref="MmkException">As <see cref="MmModel.Load(string?, LoadOptions)"/>.</exception>
    public static ModelBench OfFolder(string? path, LoadOptions options)
    {
        MmModel loaded = MmModel.LoadParts(ModelFiles.Open(path ?? MmModel.EmbeddedFolder), options);
        return new ModelBench(loaded, loaded.Accelerator, loaded.Model);
    }

    /// <summary>A shape of <see cref="Shapes"/> with random weights.</summary>
    /// <param name="name">The shape.</param>
    /// <param name="type">How the weights are stored.</param>
    /// <param name="options">The device.</param>
    /// <exception cref="MmkException">MMK623: no such shape. MMK508: no such device. MMK708: not enough memory.</exception>
    public static ModelBench OfShape(string name, DType type, LoadOptions options)
    {
        ModelSpec spec = ModelShapes.Find(name);
        Accelerator accelerator = Accelerator.Open(options.Device, options.Threads);
        try
        {
            return new ModelBench(null, accelerator, Model.Build(spec, WeightStore.Random(accelerator, type), accelerator));
        }
        catch (OutOfMemoryException e)
        {
            accelerator.Dispose();
            throw EngineErrors.OutOfMemory(name, e);
        }
        catch
        {
            accelerator.Dispose();
            throw;
        }
    }

    /// <summary>A row as soon as a stage is measured.</summary>
    /// <param name="lengths">Prompts' lengths in tokens; those beyond the context are left out.</param>
    public IEnumerable<ModelTiming> Run(IReadOnlyList<int> lengths)
    {
        for (int i = 0; i < 2; i++) MeasureMachine();
        yield return new ModelTiming(Yardsticks.Gemm(accelerator).Name, bestGemm * 1e3, GigaFlops: gemmOperations / bestGemm / 1e9);
        yield return new ModelTiming(Yardsticks.Read.Name, bestRead * 1e3, GigaBytes: readBytes / bestRead / 1e9);
        if (model.Vision is not null) yield return See();
        if (model.Llm is null) yield break;
        foreach (int length in lengths)
            if (length >= 1 && length <= model.Llm.Spec.Context) yield return Prefill(length);
        int before = lengths.Count > 0 ? Math.Max(1, Math.Min(lengths[0], model.Llm.Spec.Context - Steps - 4)) : 1;
        yield return Decode(before);
        if (SideBySide(before) is { } several) yield return several;
        if (model.Connector is not null) yield return FirstToken();
    }

    public void Dispose()
    {
        gemm.Dispose();
        read.Dispose();
        scope.Dispose();
        if (loaded is not null) loaded.Dispose();
        else accelerator.Dispose();
    }

    private ModelTiming See()
    {
        var g = new Graph(accelerator);
        Tensor made = g.Keep(Encode(g));
        using GraphPlan plan = g.Plan();
        plan.Run();
        double operations = plan.RunTraced().Sum(launch => launch.Operations), seconds = Best(() => { plan.Run(); accelerator.Synchronize(); });
        return new ModelTiming($"a picture, {made.Shape[^2]} tokens", seconds * 1e3, made.Shape[^2] / seconds, operations / seconds / 1e9, 0, Share(operations / seconds), plan.ArenaBytes);
    }

    /// <summary>What the decoder gets of a picture, or what the tower alone makes of it: [tokens, width].</summary>
    private Tensor Encode(Graph g)
    {
        PictureSpec picture = model.Spec.Vision!.Spec.Picture;
        Tensor pixels = scope.Allocate(DType.F32, new Shape(1, picture.Channels, picture.Size, picture.Size));
        accelerator.Clear(pixels);
        if (model.Connector is not null) return model.See(g, pixels, plan: null).Tokens!;
        int layers = model.Spec.Vision.Spec.Layers;
        return model.Vision!.Encode(g, pixels, layers).All(layers);
    }

    private ModelTiming Prefill(int length)
    {
        using var generator = new TextGenerator(accelerator, model.Llm!, length);
        TokenMap prompt = TokenMap.Text(Tokens(length));
        double operations = Operations(() => generator.Prefill(prompt, 0, null, null));
        double seconds = Best(() => generator.Prefill(prompt, 0, null, null));
        return new ModelTiming($"a prompt of {length} tokens", seconds * 1e3, length / seconds, operations / seconds / 1e9, 0, Share(operations / seconds), generator.PrefillArenaBytes);
    }

    /// <summary>Tokens one by one behind a prompt. A token reads every matrix once, so that its operations tell the weights.</summary>
    private ModelTiming Decode(int length)
    {
        using var generator = new TextGenerator(accelerator, model.Llm!, length + Steps + 4);
        generator.Prefill(TokenMap.Text(Tokens(length)), 0, null, null);
        for (int i = 0; i < 2; i++) generator.Next();
        double bytes = 0;
        accelerator.Traced = launch => bytes += launch.Operations > 0 ? launch.Bytes : 0;
        generator.Next();
        accelerator.Traced = null;
        double best = double.PositiveInfinity;
        for (int step = 0; step < Steps; step++)
        {
            if (step % 4 == 0) MeasureMachine();
            best = Math.Min(best, Time(() => generator.Next()));
        }
        return new ModelTiming($"a token after {length}", best * 1e3, 1 / best, 0, bytes / best / 1e9, bytes / best / (readBytes / bestRead), generator.StepArenaBytes);
    }

    /// <summary>A token of each of several sequences; null where the model takes one at a time.</summary>
    private ModelTiming? SideBySide(int length)
    {
        BatchGenerator batch;
        try { batch = new BatchGenerator(accelerator, model.Llm!, Sequences, length + Steps + 4); }
        catch (MmkException) { return null; }
        using (batch)
        {
            for (int i = 0; i < Sequences; i++) batch.Admit(TokenMap.Text(Tokens(length)), null, null, TokenSampling.Greedy, length + 1);
            for (int i = 0; i < 2; i++) batch.Step();
            double best = double.PositiveInfinity;
            for (int step = 0; step < Steps; step++) best = Math.Min(best, Time(() => batch.Step()));
            return new ModelTiming($"a token of {Sequences} sequences after {length}", best * 1e3, Sequences / best, ArenaBytes: batch.StepArenaBytes);
        }
    }

    /// <summary>From pixels on the device to the first token, with 64 tokens of text around the picture's.</summary>
    private ModelTiming FirstToken()
    {
        const int Placeholder = -1;
        var g = new Graph(accelerator);
        Tensor made = g.Keep(Encode(g));
        using GraphPlan plan = g.Plan();
        int visual = made.Shape[^2];
        int[] ids = [.. Tokens(TextTokens / 2), Placeholder, .. Tokens(TextTokens / 2)];
        TokenMap map = TokenMap.Expand(ids, Placeholder, [visual]);
        using var generator = new TextGenerator(accelerator, model.Llm!, map.Tokens);
        Tensor rows = scope.Allocate(DType.F32, made.Shape, "visual");
        double seconds = Best(() =>
        {
            plan.Run();
            accelerator.Copy(made, rows);
            generator.Prefill(map, 0, new Visual(rows, visual), model.Connector);
        });
        return new ModelTiming($"first token after a picture and {TextTokens} tokens", seconds * 1e3, ArenaBytes: Math.Max(plan.ArenaBytes, generator.PrefillArenaBytes));
    }

    private double Operations(Action work)
    {
        double operations = 0;
        accelerator.Traced = launch => operations += launch.Operations;
        work();
        accelerator.Traced = null;
        return operations;
    }

    /// <summary>The best of several runs, between which the device is measured.</summary>
    private double Best(Action work)
    {
        work();   // compiles, captures
        double best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            MeasureMachine();
            best = Math.Min(best, Time(work));
        }
        return best;
    }

    private double Share(double rate) => rate / (gemmOperations / bestGemm);

    private void MeasureMachine()
    {
        bestGemm = Math.Min(bestGemm, Time(() => { gemm.Run(); accelerator.Synchronize(); }));
        bestRead = Math.Min(bestRead, Time(() => { read.Run(); accelerator.Synchronize(); }));
    }

    private GraphPlan Plan(KernelWorkload workload)
    {
        var g = new Graph(accelerator);
        workload.Record(g, scope);
        GraphPlan plan = g.Plan();
        plan.Run();
        return plan;
    }

    private int[] Tokens(int count) => [.. Enumerable.Range(1, count).Select(i => i * 241 % model.Spec.Llm!.Spec.Vocabulary)];

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
