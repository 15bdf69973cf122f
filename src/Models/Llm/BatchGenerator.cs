using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// Conversations side by side on the device: each prompt is read by itself, then every step makes one token of each, so that the weights are read once for
/// all. Every sequence gets the tokens and logits, bit for bit, that it has alone.
/// </summary>
/// <remarks>
/// The sequences that are under way fill the first slots; a step computes the next power of two of them, of which the idle ones change nothing that counts.
/// </remarks>
public sealed class BatchGenerator : IDisposable
{
    /// <summary>The most sequences side by side; with more, arithmetic takes longer than reading the weights.</summary>
    public const int MostSlots = 16;

    private const int Ring = 64;   // newest tokens kept on the device

    private readonly Accelerator accelerator;
    private readonly Decoder decoder;
    private readonly KvCache cache;
    private readonly TensorScope state;
    private readonly Sampler sampler;
    private readonly Tensor tokens;      // I32 [slots]: the newest ones
    private readonly int[] lengths, newest;
    private readonly Dictionary<(int Rows, SamplerLaunches Launches), StepRun> steps = [];

    /// <summary>An empty batch.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="decoder">The model.</param>
    /// <param name="slots">Sequences at a time, up to <see cref="MostSlots"/>.</param>
    /// <param name="capacity">Tokens that a sequence can have.</param>
    /// <exception cref="MmkException">MMK621: sequences of this model cannot be decoded side by side.</exception>
    public BatchGenerator(Accelerator accelerator, Decoder decoder, int slots, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, MostSlots);
        if (decoder.Encoder is not null) throw ModelErrors.NoBatch("its decoder reads the states of an encoder");
        if (decoder.Spec.Blocks is not null) throw ModelErrors.NoBatch("its prompts are seen in both directions, each up to its own start token");
        (this.accelerator, this.decoder, Slots) = (accelerator, decoder, slots);
        cache = new KvCache(accelerator, decoder.Spec, capacity, slots);
        state = accelerator.OpenScope();
        sampler = new Sampler(accelerator, decoder.Spec.Vocabulary, slots);
        tokens = state.Allocate(DType.I32, new Shape(slots), "tokens");
        accelerator.Clear(tokens);
        (lengths, newest) = (new int[slots], new int[slots]);
    }

    /// <summary>Sequences that fit at a time.</summary>
    public int Slots { get; }

    /// <summary>Sequences under way, in the slots 0 to Active - 1.</summary>
    public int Active { get; private set; }

    /// <summary>The newest token of each slot.</summary>
    public ReadOnlySpan<int> Tokens => newest.AsSpan(0, Active);

    /// <summary>Tokens that a slot's sequence has, without the newest.</summary>
    public int Length(int slot) => lengths[slot];

    /// <summary>Largest arena of a prompt so far.</summary>
    public long PrefillArenaBytes { get; private set; }

    /// <summary>Largest arena of a step so far.</summary>
    public long StepArenaBytes { get; private set; }

    /// <summary>Refuses sequences whose rotary frequencies would not be those of all others.</summary>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="reach">Tokens that the sequence can come to.</param>
    /// <exception cref="MmkException">MMK622.</exception>
    public void Check(int prompt, int reach)
    {
        if (decoder.Spec.Attention.Rotary is not { Scaling: { } scaling } rotary) return;
        int began = scaling.Length(0, prompt, 0);
        Span<float> own = new float[rotary.Dims / 2], common = new float[rotary.Dims / 2];
        rotary.Frequencies(common, scaling.Length(0, 1, 0));
        foreach (int length in (ReadOnlySpan<int>)[began, scaling.Length(prompt, reach - prompt, began)])
        {
            rotary.Frequencies(own, length);
            if (!own.SequenceEqual(common)) throw ModelErrors.BatchLength(reach);
        }
    }

    /// <summary>Reads a prompt into the next free slot and chooses its first token.</summary>
    /// <param name="map">The prompt.</param>
    /// <param name="visual">What the connector made, or null where all rows are text.</param>
    /// <param name="connector">Whose hooks apply, or null.</param>
    /// <param name="sampling">How its tokens are chosen.</param>
    /// <param name="reach">Tokens that the sequence can come to.</param>
    /// <returns>The log-probabilities of the first token, where they are wanted.</returns>
    /// <exception cref="MmkException">MMK620: the model's logits are not numbers. MMK622: see <see cref="Check"/>.</exception>
    public TokenAlternatives? Admit(TokenMap map, Visual? visual, ConnectorModule? connector, TokenSampling sampling, int reach)
    {
        Check(map.Tokens, reach);
        int slot = Active;
        KvCache own = cache.Part(slot, 1);
        sampler.Set(slot, sampling);
        sampler.Clear(slot);
        using TensorScope inputs = accelerator.OpenScope();
        var g = new Graph(accelerator);
        Hooks? hooks = connector is not null && visual is not null ? new Hooks(connector, visual, map) : null;
        Tensor y = decoder.Read(g, inputs, map, 0, visual, own, hooks);
        if (sampling.Penalises) sampler.Note(g, inputs, Sampler.Prompt(decoder, map), slot);
        var launches = new SamplerLaunches(sampling.Penalises, sampling.Alternatives);
        SampledTokens sampled = sampler.Record(g, decoder.Logits(g, y.Rows(map.Tokens - 1, 1)), own.Length, map.Tokens, launches, slot);
        own.Begin(0, map.Tokens);
        using GraphPlan plan = g.Plan();
        PrefillArenaBytes = Math.Max(PrefillArenaBytes, plan.ArenaBytes);
        plan.Run();
        accelerator.Copy(sampled.Tokens, tokens.Rows(slot, 1));
        own.SetLength(map.Tokens);
        lengths[slot] = map.Tokens;
        accelerator.Read(tokens.Rows(slot, 1), newest.AsSpan(slot, 1));
        if (newest[slot] < 0) throw ModelErrors.NoToken();
        Active++;
        if (sampling.Alternatives is not { } count) return null;
        var alternatives = new TokenAlternatives(1, count);
        alternatives.Read(accelerator, sampled);
        return alternatives;
    }

    /// <summary>Appends the newest token of every sequence to it and chooses the next ones.</summary>
    /// <returns>Their log-probabilities, where some are wanted.</returns>
    /// <exception cref="MmkException">MMK620: a sequence's logits are not numbers.</exception>
    public TokenAlternatives? Step()
    {
        int rows = Math.Min(Slots, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Active));
        SamplerLaunches launches = sampler.Launches(Active);
        if (!steps.TryGetValue((rows, launches), out StepRun? step)) steps[(rows, launches)] = step = Record(rows, launches);
        step.Plan.Run();
        accelerator.Read(step.Sampled.Tokens, newest.AsSpan(0, rows));
        for (int slot = 0; slot < Active; slot++)
        {
            lengths[slot]++;
            if (newest[slot] < 0) throw ModelErrors.NoToken();
        }
        step.Alternatives?.Read(accelerator, step.Sampled);
        return step.Alternatives;
    }

    /// <summary>Ends a slot's sequence. The one of the last slot takes its place.</summary>
    public void Release(int slot)
    {
        int last = --Active;
        if (slot != last)
        {
            cache.Part(slot, 1).CopyFrom(cache.Part(last, 1), lengths[last]);
            sampler.Move(last, slot);
            accelerator.Copy(tokens.Rows(last, 1), tokens.Rows(slot, 1));
            (lengths[slot], newest[slot]) = (lengths[last], newest[last]);
        }
        else sampler.Set(slot, TokenSampling.Greedy);
        cache.Part(last, 1).SetLength(0);   // so that an idle row has little to attend to
    }

    public void Dispose()
    {
        foreach (StepRun step in steps.Values) step.Dispose();
        cache.Dispose();
        sampler.Dispose();
        state.Dispose();
    }

    private StepRun Record(int rows, SamplerLaunches launches)
    {
        KvCache part = cache.Part(0, rows);
        Tensor token = tokens.Rows(0, rows);
        TensorScope own = accelerator.OpenScope();
        Tensor output = own.Allocate(DType.I32, new Shape(Ring, rows), "tokens"), count = own.Allocate(DType.I32, new Shape(1), "steps");
        accelerator.Clear(count);
        var g = new Graph(accelerator);
        Tensor x = decoder.Forward(g, decoder.Embed(g, token.Reshape(rows, 1)), part.Position, part);   // [rows, 1, hidden]
        SampledTokens sampled = sampler.Record(g, decoder.Logits(g, x), part.Length, 1, launches);
        g.Advance(sampled.Tokens, token, part.Position, part.Length, output, count);
        GraphPlan plan = g.Plan();
        StepArenaBytes = Math.Max(StepArenaBytes, plan.ArenaBytes);
        return new StepRun(plan, own, sampled, launches.Alternatives is { } alternatives ? new TokenAlternatives(rows, alternatives) : null);
    }

    private sealed record StepRun(GraphPlan Plan, TensorScope Memory, SampledTokens Sampled, TokenAlternatives? Alternatives) : IDisposable
    {
        public void Dispose()
        {
            Plan.Dispose();
            Memory.Dispose();
        }
    }
}
