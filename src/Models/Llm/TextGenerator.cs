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
    private readonly Sampler sampler;
    private readonly Tensor token, output, steps;   // I32 [1] the newest token; [Ring, 1]; [1]
    private readonly int[] host = new int[1];
    private KvCache cache;
    private Graph? stepGraph;
    private SampledTokens? stepTokens;
    private GraphPlan? step;
    private PrefillRun? prefill;
    private SamplerLaunches launches;
    private int[] unread = [];                // the prompt's tokens, until a prefill notes them
    private TokenAlternatives? alternatives;
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
        sampler = new Sampler(accelerator, decoder.Spec.Vocabulary);
        token = state.Allocate(DType.I32, new Shape(1), "token");
        output = state.Allocate(DType.I32, new Shape(Ring, 1), "tokens");
        steps = state.Allocate(DType.I32, new Shape(1), "steps");
        accelerator.Clear(steps);
        if (Border is not null) history = [];
    }

    /// <summary>Tokens that the conversation can have.</summary>
    public int Context => decoder.Spec.Context;

    /// <summary>The log-probability of the newest token, then those of <see cref="Alternatives"/>; empty where none are wanted.</summary>
    public ReadOnlySpan<float> LogProbabilities => alternatives is null ? [] : alternatives.Values(0);

    /// <summary>The most probable tokens in the newest one's place.</summary>
    public ReadOnlySpan<int> Alternatives => alternatives is null ? [] : alternatives.Tokens(0);

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
        ForgetStep();
        cache.Dispose();
        cache = larger;
    }

    /// <summary>Says how the tokens of the next answer are chosen; the next prefill begins it.</summary>
    /// <param name="sampling">What the request asks for.</param>
    /// <param name="prompt">All rows before the answer, those of the cache among them, for penalties.</param>
    public void Begin(TokenSampling sampling, TokenMap prompt)
    {
        sampler.Set(0, sampling);
        sampler.Clear(0);
        unread = sampling.Penalises ? Sampler.Prompt(decoder, prompt) : [];
        alternatives = sampling.Alternatives is { } count ? new TokenAlternatives(1, count) : null;
        if (launches != (launches = sampler.Launches(1))) ForgetStep();
    }

    /// <summary>Largest arena of a prompt so far.</summary>
    public long PrefillArenaBytes { get; private set; }

    /// <summary>Arena of a single token.</summary>
    public long StepArenaBytes => step?.ArenaBytes ?? 0;

    /// <summary>Reads rows that follow those of the cache; returns the first token of the answer.</summary>
    /// <param name="map">The rows; visual rows count from the first row of <paramref name="visual"/>.</param>
    /// <param name="first">Tokens that the cache holds.</param>
    /// <param name="visual">What the connector made, or null where all rows are text.</param>
    /// <param name="connector">Whose hooks apply, or null.</param>
    /// <exception cref="MmkException">MMK624: see <see cref="Next"/>. MMK620: the model's logits are not numbers.</exception>
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
        sampler.Note(g, inputs, unread, 0);
        unread = [];
        prefill = new PrefillRun(g, inputs, sampler.Record(g, decoder.Logits(g, y.Rows(tokens - 1, 1)), cache.Length, tokens, launches), first, tokens);
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
            PrefillArenaBytes = Math.Max(PrefillArenaBytes, plan.ArenaBytes);
            plan.Run();
            accelerator.Copy(run.Sampled.Tokens, token);
            length = run.First + run.Tokens;
            cache.SetLength(length);
            return ReadToken(run.Sampled);
        }
    }

    /// <summary>Appends the newest token to the conversation and returns the next one.</summary>
    /// <exception cref="MmkException">MMK624: the conversation grows beyond the length from which on the model reads all of it otherwise, and has pictures. MMK620: the model's logits are not numbers.</exception>
    public int Next()
    {
        if (length == Border) return Prefill(TokenMap.Text(host), length, null, null);
        Prepare();
        cache.Reach(length, 1);
        history?.Add(host[0]);
        length++;
        step ??= stepGraph!.Plan();
        step.Run();
        return ReadToken(stepTokens!);
    }

    /// <summary>Records the graph of a single token ahead of time, which starts the compilation of its kernels.</summary>
    public void Prepare()
    {
        if (stepGraph is not null) return;
        stepGraph = new Graph(accelerator);
        Tensor x = decoder.Forward(stepGraph, decoder.Embed(stepGraph, token), cache.Position, cache);
        stepTokens = sampler.Record(stepGraph, decoder.Logits(stepGraph, x), cache.Length, 1, launches);
        stepGraph.Advance(stepTokens.Tokens, token, cache.Position.Rows(cache.Position.Shape[0] - 1, 1), cache.Length, output, steps);
    }

    public void Dispose()
    {
        prefill?.Inputs.Dispose();
        step?.Dispose();
        cache.Dispose();
        sampler.Dispose();
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

    private void ForgetStep()
    {
        step?.Dispose();
        (step, stepGraph, stepTokens) = (null, null, null);
    }

    private int ReadToken(SampledTokens sampled)
    {
        accelerator.Read(token, host.AsSpan());
        if (host[0] < 0) throw ModelErrors.NoToken();
        alternatives?.Read(accelerator, sampled);
        return host[0];
    }

    private sealed record PrefillRun(Graph Graph, TensorScope Inputs, SampledTokens Sampled, int First, int Tokens);
}
