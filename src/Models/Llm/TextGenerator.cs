using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// A conversation on the device: reads prompts, then makes tokens one by one with a single recorded graph. The token and its position live on the device;
/// a step allocates nothing on the managed heap and copies one id back.
/// </summary>
public sealed class TextGenerator : IDisposable
{
    private const int Ring = 64;               // newest tokens kept on the device
    private const int SmallestCapacity = 256;

    private readonly Accelerator accelerator;
    private readonly Decoder decoder;
    private readonly TensorScope state;
    private readonly Tensor token, output, steps;   // I32 [1] the newest token; [Ring, 1]; [1]
    private readonly int[] host = new int[1];
    private KvCache cache;
    private Graph? stepGraph;
    private GraphPlan? step;
    private PrefillRun? prefill;
    private readonly List<int>? history;      // the tokens so far, where they may have to be read again
    private int length;                       // tokens of the cache
    private bool textOnly = true;

    /// <summary>An empty conversation.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="decoder">The model.</param>
    /// <param name="capacity">Tokens that the cache has room for at first.</param>
    public TextGenerator(Accelerator accelerator, Decoder decoder, int capacity = SmallestCapacity)
    {
        (this.accelerator, this.decoder) = (accelerator, decoder);
        state = accelerator.OpenScope();
        cache = new KvCache(accelerator, decoder.Spec, Math.Min(capacity, decoder.Spec.Context));
        token = state.Allocate(DType.I32, new Shape(1), "token");
        output = state.Allocate(DType.I32, new Shape(Ring, 1), "tokens");
        steps = state.Allocate(DType.I32, new Shape(1), "steps");
        accelerator.Clear(steps);
        if (Border is not null) history = [];
    }

    /// <summary>Tokens that the conversation can have.</summary>
    public int Context => decoder.Spec.Context;

    private int? Border => decoder.Spec.Attention.Rotary?.Scaling?.Border;

    /// <summary>Makes room in the cache for a conversation of that many tokens, up to the context.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="kept">Tokens of the cache that stay.</param>
    public void Reserve(int tokens, int kept)
    {
        if (tokens <= cache.Capacity || cache.Capacity >= Context) return;
        int capacity = Math.Min(Context, (int)Math.Min(Context, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)tokens)));
        var larger = new KvCache(accelerator, decoder.Spec, capacity);
        larger.CopyFrom(cache, kept);
        step?.Dispose();
        cache.Dispose();
        (cache, step, stepGraph) = (larger, null, null);
    }

    /// <summary>Largest arena so far.</summary>
    public long ArenaBytes { get; private set; }

    /// <summary>Reads rows that follow those of the cache; returns the first token of the answer.</summary>
    /// <param name="map">The rows; visual rows count from the first row of <paramref name="visual"/>.</param>
    /// <param name="first">Tokens that the cache holds.</param>
    /// <param name="visual">What the connector made, or null where all rows are text.</param>
    /// <param name="connector">Whose hooks apply, or null.</param>
    /// <exception cref="MmkException">MMK613: see <see cref="Next"/>.</exception>
    public int Prefill(TokenMap map, int first, Visual? visual, ConnectorModule? connector)
    {
        BeginPrefill(map, first, visual, connector);
        return FinishPrefill();
    }

    /// <summary>Records what <see cref="Prefill"/> does, which starts the compilation of its kernels; <see cref="FinishPrefill"/> runs it.</summary>
    public void BeginPrefill(TokenMap map, int first, Visual? visual, ConnectorModule? connector)
    {
        prefill?.Inputs.Dispose();
        if (Remember(map, first, visual is null)) (map, first) = (TokenMap.Text(history!.ToArray()), 0);
        TensorScope inputs = accelerator.OpenScope();
        var g = new Graph(accelerator);
        Hooks? hooks = connector is not null && visual is not null ? new Hooks(connector, visual, map) : null;
        Tensor y = decoder.Read(g, inputs, map, first, visual, cache, hooks);
        int tokens = y.Shape[0];
        Tensor sampled = g.Keep(g.ArgMax(decoder.Logits(g, y.Rows(tokens - 1, 1))));
        prefill = new PrefillRun(g, inputs, sampled, first, tokens);
    }

    /// <summary>Runs what <see cref="BeginPrefill"/> recorded; returns the first token of the answer.</summary>
    public int FinishPrefill()
    {
        PrefillRun run = prefill ?? throw new InvalidOperationException("no prefill was begun");
        prefill = null;
        using (run.Inputs)
        {
            cache.Begin(run.First, run.Tokens);
            using GraphPlan plan = run.Graph.Plan();
            ArenaBytes = Math.Max(ArenaBytes, plan.ArenaBytes);
            plan.Run();
            accelerator.Copy(run.Sampled, token);
            length = run.First + run.Tokens;
            cache.SetLength(length);
            return ReadToken();
        }
    }

    /// <summary>Appends the newest token to the conversation and returns the next one.</summary>
    /// <exception cref="MmkException">MMK613: the conversation grows beyond the length from which on the model reads all of it otherwise, and has pictures.</exception>
    public int Next()
    {
        if (length == Border) return Prefill(TokenMap.Text(host), length, null, null);
        Prepare();
        cache.Reach(length, 1);
        history?.Add(host[0]);
        length++;
        step ??= stepGraph!.Plan();
        ArenaBytes = Math.Max(ArenaBytes, step.ArenaBytes);
        step.Run();
        return ReadToken();
    }

    /// <summary>Records the graph of a single token ahead of time, which starts the compilation of its kernels.</summary>
    public void Prepare()
    {
        if (stepGraph is not null) return;
        stepGraph = new Graph(accelerator);
        Tensor x = decoder.Forward(stepGraph, decoder.Embed(stepGraph, token), cache.Position, cache);
        stepGraph.Advance(stepGraph.ArgMax(decoder.Logits(stepGraph, x)), token, cache.Position.Rows(cache.Position.Shape[0] - 1, 1), cache.Length, output, steps);
    }

    public void Dispose()
    {
        prefill?.Inputs.Dispose();
        step?.Dispose();
        cache.Dispose();
        state.Dispose();
    }

    /// <summary>Whether the tokens of the cache must be read again together with new ones.</summary>
    private bool Remember(TokenMap map, int first, bool text)
    {
        if (history is null) return false;
        history.RemoveRange(Math.Min(first, history.Count), Math.Max(0, history.Count - first));
        textOnly = text && (textOnly || first == 0);
        history.AddRange(map.Ids());
        if (first == 0 || first > Border || history.Count <= Border) return false;
        return textOnly ? true : throw ModelErrors.Border(Border ?? 0);
    }

    private int ReadToken()
    {
        accelerator.Read(token, host.AsSpan());
        return host[0];
    }

    private sealed record PrefillRun(Graph Graph, TensorScope Inputs, Tensor Sampled, int First, int Tokens);
}
