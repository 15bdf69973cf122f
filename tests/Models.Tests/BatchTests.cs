using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Tests;

/// <summary>Sequences side by side against the same sequences alone, for every kind of decoder: equal tokens, and log-probabilities equal to the bit.</summary>
public sealed class BatchTests
{
    private const int NewTokens = 7, Alternatives = 20;

    /// <summary>What becomes of a prompt: tokens and the log-probabilities of each and its alternatives.</summary>
    private sealed record Outcome(List<int> Tokens, List<float> Values);

    public static TheoryData<string> Decoders =>
    [
        "llm_bloom", "llm_gemma2", "llm_gpt2", "llm_gpt_neox", "llm_gptj", "llm_llama3", "llm_mistral", "llm_mpt", "llm_opt_350m", "llm_persimmon", "llm_phi", "llm_qwen1", "llm_qwen3",
        "llm_stablelm_parallel",
    ];

    [Theory, MemberData(nameof(Decoders))]
    public void Step_PromptsOfDifferentLengths_GiveWhatTheyGiveAlone(string fixture)
    {
        using var loaded = new Loaded(fixture);
        int[][] prompts = [Prompt(loaded, 5, 1), Prompt(loaded, 19, 2), Prompt(loaded, 1, 3)];
        TokenSampling[] samplings = [.. prompts.Select((_, i) => Sampling(i))];

        Outcome[] alone = [.. prompts.Select((prompt, i) => Alone(loaded, prompt, samplings[i]))];

        AssertEqual(alone, Together(loaded, prompts, samplings, slots: 4));
    }

    /// <summary>Eleven prompts through four slots: they end at different times, others take their places, and the batch shrinks to one row at the end.</summary>
    [Fact]
    public void Step_MorePromptsThanSlots_EachGivesWhatItGivesAlone()
    {
        using var loaded = new Loaded("llm_llama_gqa_tied");
        int[][] prompts = [.. Enumerable.Range(0, 11).Select(i => Prompt(loaded, 1 + i * 5 % 23, i))];
        TokenSampling[] samplings = [.. prompts.Select((_, i) => Sampling(i))];
        int[] counts = [.. prompts.Select((_, i) => 1 + i * 7 % 12)];

        Outcome[] alone = [.. prompts.Select((prompt, i) => Alone(loaded, prompt, samplings[i], counts[i]))];

        AssertEqual(alone, Together(loaded, prompts, samplings, slots: 4, counts));
    }

    [Fact]
    public void Step_SixteenSlots_GiveWhatTheyGiveAlone()
    {
        using var loaded = new Loaded("llm_qwen2");
        int[][] prompts = [.. Enumerable.Range(0, 16).Select(i => Prompt(loaded, 2 + i, i))];
        TokenSampling[] samplings = [.. prompts.Select((_, i) => Sampling(i))];

        Outcome[] alone = [.. prompts.Select((prompt, i) => Alone(loaded, prompt, samplings[i]))];

        AssertEqual(alone, Together(loaded, prompts, samplings, slots: 16));
    }

    /// <summary>Suppressed tokens of a sequence that has ended do not bind the one that takes its slot.</summary>
    [Fact]
    public void Admit_IntoAUsedSlot_StartsAnew()
    {
        using var loaded = new Loaded("llm_llama");
        int[] prompt = Prompt(loaded, 6, 1);
        Outcome free = Alone(loaded, prompt, TokenSampling.Greedy with { Alternatives = Alternatives });
        using var batch = new BatchGenerator(loaded.Accelerator, loaded.Decoder, slots: 2, capacity: 32);
        batch.Admit(TokenMap.Text(prompt), null, null, new TokenSampling { Suppressed = [free.Tokens[0]] }, 20);
        Assert.NotEqual(free.Tokens[0], batch.Tokens[0]);
        batch.Release(0);

        batch.Admit(TokenMap.Text(prompt), null, null, new TokenSampling { RepetitionPenalty = 1.5f }, 20);
        batch.Admit(TokenMap.Text(prompt), null, null, TokenSampling.Greedy, 20);

        Assert.Equal(free.Tokens[0], batch.Tokens[1]);
    }

    [Fact]
    public void Step_AfterTheFirst_AllocatesNothing()
    {
        using var loaded = new Loaded("llm_llama");
        using var batch = new BatchGenerator(loaded.Accelerator, loaded.Decoder, slots: 2, capacity: 256);
        batch.Admit(TokenMap.Text(Prompt(loaded, 3, 1)), null, null, TokenSampling.Greedy with { Temperature = 1, RepetitionPenalty = 1.1f, TopK = 10, TopP = 0.9f, MinP = 0.01f }, 256);
        batch.Admit(TokenMap.Text(Prompt(loaded, 7, 2)), null, null, TokenSampling.Greedy, 256);
        for (int i = 0; i < 40; i++) batch.Step();

        long allocated = Allocations.PerRound(() => { for (int i = 0; i < 50; i++) batch.Step(); });

        Assert.InRange(allocated, 0, 50 * 24 - 1);   // the smallest object has 24 bytes
    }

    [Fact]
    public void New_EncoderOrContextSeenInBothDirections_IsMmk621()
    {
        foreach (string fixture in new[] { "llm_t5", "llm_chatglm" })
        {
            using var loaded = new Loaded(fixture);
            Assert.Equal(621, Assert.Throws<MmkException>(() => new BatchGenerator(loaded.Accelerator, loaded.Decoder, 2, 16)).Number);
        }
    }

    /// <summary>Beyond its trained length a sequence turns with frequencies of its own; up to there it gives what it gives alone.</summary>
    [Theory]
    [InlineData("llm_internlm2_ntk")]
    [InlineData("llm_phi3_longrope")]
    public void Admit_FrequenciesThatDependOnTheLength_AreRefusedBeyondItAndRightUpToIt(string fixture)
    {
        using var loaded = new Loaded(fixture);
        int trained = loaded.Decoder.Spec.Attention.Rotary!.Scaling switch
        {
            DynamicRotaryScaling dynamic => dynamic.Trained,
            LongRotaryScaling longRope => longRope.Trained,
            _ => throw new InvalidOperationException(fixture),
        };
        int[][] prompts = [Prompt(loaded, trained - NewTokens, 1), Prompt(loaded, 3, 2)];
        TokenSampling[] samplings = [Sampling(0), Sampling(1)];
        using var batch = new BatchGenerator(loaded.Accelerator, loaded.Decoder, 2, trained + 8);

        Assert.Equal(622, Assert.Throws<MmkException>(() => batch.Admit(TokenMap.Text(prompts[1]), null, null, TokenSampling.Greedy, trained + 8)).Number);
        Assert.Equal(0, batch.Active);
        AssertEqual([.. prompts.Select((prompt, i) => Alone(loaded, prompt, samplings[i]))], Together(loaded, prompts, samplings, slots: 2));
    }

    /// <summary>Greedy, sampled and penalised rows in turn.</summary>
    private static TokenSampling Sampling(int i) => (i % 3) switch
    {
        0 => new TokenSampling { Alternatives = Alternatives },
        1 => new TokenSampling { Temperature = 1.3f, TopK = 30, TopP = 0.95f, Seed = (ulong)i, Alternatives = Alternatives },
        _ => new TokenSampling { Temperature = 0.8f, RepetitionPenalty = 1.2f, PresencePenalty = 0.3f, FrequencyPenalty = 0.1f, Seed = 9, Sequence = i, Alternatives = Alternatives },
    };

    private static int[] Prompt(Loaded loaded, int tokens, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, tokens).Select(_ => random.Next(3, loaded.Decoder.Spec.Vocabulary))];
    }

    private static Outcome Alone(Loaded loaded, int[] prompt, TokenSampling sampling, int count = NewTokens)
    {
        using var generator = new TextGenerator(loaded.Accelerator, loaded.Decoder, prompt.Length + count);
        generator.Begin(sampling, TokenMap.Text(prompt));
        var outcome = new Outcome([generator.Prefill(TokenMap.Text(prompt), 0, null, null)], [.. generator.LogProbabilities]);
        while (outcome.Tokens.Count < count)
        {
            outcome.Tokens.Add(generator.Next());
            outcome.Values.AddRange(generator.LogProbabilities);
        }
        return outcome;
    }

    private static Outcome[] Together(Loaded loaded, int[][] prompts, TokenSampling[] samplings, int slots, int[]? counts = null)
    {
        counts ??= [.. prompts.Select(_ => NewTokens)];
        using var batch = new BatchGenerator(loaded.Accelerator, loaded.Decoder, slots, prompts.Zip(counts, (prompt, count) => prompt.Length + count).Max());
        Outcome[] outcomes = [.. prompts.Select(_ => new Outcome([], []))];
        var slotsOf = new List<int>();   // the prompt in each slot
        int next = 0;
        while (next < prompts.Length || slotsOf.Count > 0)
        {
            while (next < prompts.Length && batch.Active < slots)
            {
                TokenAlternatives first = batch.Admit(TokenMap.Text(prompts[next]), null, null, samplings[next], prompts[next].Length + counts[next])!;
                outcomes[next].Values.AddRange(first.Values(0));
                slotsOf.Add(next++);
                Add(slotsOf.Count - 1);
            }
            if (batch.Active == 0) continue;
            TokenAlternatives alternatives = batch.Step()!;
            for (int slot = batch.Active - 1; slot >= 0; slot--)
            {
                outcomes[slotsOf[slot]].Values.AddRange(alternatives.Values(slot));
                Add(slot);
            }
        }
        return outcomes;

        void Add(int slot)
        {
            int prompt = slotsOf[slot];
            outcomes[prompt].Tokens.Add(batch.Tokens[slot]);
            if (outcomes[prompt].Tokens.Count < counts[prompt]) return;
            batch.Release(slot);
            slotsOf[slot] = slotsOf[^1];
            slotsOf.RemoveAt(slotsOf.Count - 1);
        }
    }

    private static void AssertEqual(Outcome[] expected, Outcome[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Tokens, actual[i].Tokens);
            Assert.Equal(expected[i].Values.Select(BitConverter.SingleToInt32Bits), actual[i].Values.Select(BitConverter.SingleToInt32Bits));
        }
    }

    /// <summary>A fixture's decoder on a device.</summary>
    private sealed class Loaded : IDisposable
    {
        private readonly Checkpoint checkpoint;

        public Loaded(string fixture)
        {
            ModelFiles files = ModelFiles.Open(Goldens.Folder(fixture)!);
            ModelSpec spec = Recipe.Of(files).Read(files);
            checkpoint = Checkpoint.Open(spec.Weights[0]);
            Accelerator = Accelerator.Open("cpu", threads: 2);
            Decoder = Model.Build(spec, WeightStore.From(Accelerator, checkpoint), Accelerator).Llm!;
        }

        public Accelerator Accelerator { get; }

        public Decoder Decoder { get; }

        public void Dispose()
        {
            Accelerator.Dispose();
            checkpoint.Dispose();
        }
    }
}
