using MmKernels.Engine;

namespace MmKernels.Tests;

public sealed class SamplingTests : IDisposable
{
    private static readonly RecordedAnswer Row = TinyLlava.Answers[0];

    private readonly MmModel model = MmModel.Load(TinyLlava.Folder);

    public void Dispose() => model.Dispose();

    [Fact]
    public async Task AskAsync_OneSeed_GivesOneAnswer_AndOthersGiveOthers()
    {
        var options = new GenerationOptions { Temperature = 3, Seed = 11 };

        IReadOnlyList<int> first = await Tokens(options), again = await Tokens(options), seed = await Tokens(options with { Seed = 12 }), sequence = await Tokens(options with { Sequence = 1 });

        Assert.Equal(first, again);
        Assert.NotEqual(first, seed);
        Assert.NotEqual(first, sequence);
        Assert.NotEqual(seed, sequence);
    }

    [Fact]
    public async Task AskAsync_OneSeedOnTheInterpreter_GivesTheSameTokens()
    {
        var options = new GenerationOptions { Temperature = 3, Seed = 11, TopP = 0.95, MaxTokens = 4, RepetitionPenalty = 1.2 };
        using MmModel interpreter = MmModel.Load(TinyLlava.Folder, "interpreter");
        using Session session = interpreter.NewSession();
        await foreach (string _ in session.AskAsync("How many objects are there?", [Picture.FromFile(Row.Picture)], options)) { }
        using Session own = model.NewSession();
        await foreach (string _ in own.AskAsync("How many objects are there?", [Picture.FromFile(Row.Picture)], options)) { }

        Assert.Equal(own.LastAnswer!.Tokens, session.LastAnswer!.Tokens);
    }

    /// <summary>Each filter alone leaves one token, the most probable one.</summary>
    [Fact]
    public async Task AskAsync_FiltersThatLeaveOneToken_GiveTheRecordedTokens()
    {
        foreach (GenerationOptions options in new[] { new GenerationOptions { TopK = 1 }, new GenerationOptions { TopP = 0 }, new GenerationOptions { MinP = 1 } })
            Assert.Equal(Row.Tokens, await Tokens(options with { Temperature = 2, Seed = 3 }));
    }

    [Fact]
    public async Task AskAsync_CachedAndFreshPrompt_DrawTheSame()
    {
        var options = new GenerationOptions { Temperature = 2, Seed = 5, RepetitionPenalty = 1.3, FrequencyPenalty = 0.2 };
        using Session cached = model.NewSession();
        await Ask(cached, Row.Question, new GenerationOptions());
        await Ask(cached, "What color is the background?", options, picture: false);
        using Session fresh = model.NewSession();
        await Ask(fresh, $"USER: <image>\n{Row.Question} ASSISTANT: {Row.Answer}</s>USER: What color is the background? ASSISTANT:", options);

        Assert.Equal(fresh.LastAnswer!.Tokens, cached.LastAnswer!.Tokens);
    }

    /// <summary>An answer that may repeat nothing has every token once, the prompt's none.</summary>
    [Fact]
    public async Task AskAsync_HeavyPenalties_GiveEveryTokenOnce()
    {
        IReadOnlyList<int> presence = await Tokens(new GenerationOptions { PresencePenalty = 1000, MaxTokens = 30 });
        IReadOnlyList<int> repetition = await Tokens(new GenerationOptions { RepetitionPenalty = 1000, MaxTokens = 30 });

        Assert.Equal(presence.Distinct(), presence);
        Assert.NotEqual(Row.Tokens, presence);
        Assert.NotEqual(presence, repetition);   // the question's words count too
    }

    [Fact]
    public async Task AskAsync_LogProbabilities_BelongToTheTokens()
    {
        using Session session = model.NewSession();
        await Ask(session, Row.Question, new GenerationOptions { LogProbabilities = 5, MaxTokens = 8 });
        Answer answer = session.LastAnswer!;

        Assert.Equal(answer.Tokens, answer.Probabilities.Select(token => token.Token));
        Assert.All(answer.Probabilities, token =>
        {
            Assert.Equal(5, token.Alternatives.Count);
            Assert.Equal(new TokenAlternative(token.Token, token.LogProbability), token.Alternatives[0]);   // the most probable one was taken
            Assert.Equal(token.Alternatives.OrderByDescending(other => other.LogProbability), token.Alternatives);
            Assert.InRange(token.Alternatives.Sum(other => Math.Exp(other.LogProbability)), 0, 1 + 1e-5);
            Assert.True(token.LogProbability <= 0);
        });
        await Ask(session, "How many objects are there?", new GenerationOptions(), picture: false);
        Assert.Empty(session.LastAnswer!.Probabilities);
    }

    public static TheoryData<GenerationOptions> Wrong =>
    [
        new GenerationOptions { TopK = -1 }, new GenerationOptions { TopP = 1.5 }, new GenerationOptions { TopP = -0.1 }, new GenerationOptions { MinP = double.NaN }, new GenerationOptions { MinP = 2 },
        new GenerationOptions { RepetitionPenalty = 0 }, new GenerationOptions { RepetitionPenalty = double.PositiveInfinity }, new GenerationOptions { PresencePenalty = double.NaN },
        new GenerationOptions { FrequencyPenalty = 1e9 }, new GenerationOptions { LogProbabilities = 21 }, new GenerationOptions { LogProbabilities = -1 }, new GenerationOptions { Stops = ["x", ""] },
    ];

    [Theory, MemberData(nameof(Wrong))]
    public async Task AskAsync_OptionOutOfRange_IsMmk716(GenerationOptions options)
    {
        using Session session = model.NewSession();

        Assert.Equal(716, (await Assert.ThrowsAsync<MmkException>(() => Ask(session, "What?", options))).Number);
    }

    private async Task<IReadOnlyList<int>> Tokens(GenerationOptions options)
    {
        using Session session = model.NewSession();
        await Ask(session, Row.Question, options);
        return session.LastAnswer!.Tokens;
    }

    private static async Task Ask(Session session, string prompt, GenerationOptions options, bool picture = true)
    {
        await foreach (string _ in session.AskAsync(prompt, picture ? [Picture.FromFile(Row.Picture)] : [], options)) { }
    }
}
