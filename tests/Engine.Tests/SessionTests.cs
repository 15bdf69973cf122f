using MmKernels.Engine;

namespace MmKernels.Tests;

public sealed class SessionTests : IDisposable
{
    private readonly MmModel model = MmModel.Load(TinyLlava.Folder);

    public void Dispose() => model.Dispose();

    [Fact]
    public async Task AskAsync_SecondTurn_ReadsOnlyWhatIsNew()
    {
        using Session session = model.NewSession();
        RecordedAnswer row = TinyLlava.Answers[1];
        await Ask(session, row.Question, row.Picture);
        int before = session.LastAnswer!.Statistics.PromptTokens;

        await Ask(session, "What color is the background?");

        Assert.InRange(session.LastAnswer!.Statistics.CachedTokens, before - 1, session.LastAnswer.Statistics.PromptTokens - 1);
    }

    [Fact]
    public async Task AskAsync_SecondTurnFromTheCache_AnswersAsWithoutIt()
    {
        RecordedAnswer row = TinyLlava.Answers[1];
        using Session cached = model.NewSession();
        await Ask(cached, row.Question, row.Picture);
        await Ask(cached, "What color is the background?");

        using Session fresh = model.NewSession();
        await Ask(fresh, $"USER: <image>\n{row.Question} ASSISTANT: {row.Answer}</s>USER: What color is the background? ASSISTANT:", row.Picture);

        Assert.Equal(fresh.LastAnswer!.Tokens, cached.LastAnswer!.Tokens);
        Assert.Equal(fresh.LastAnswer.Statistics.PromptTokens, cached.LastAnswer.Statistics.PromptTokens);
    }

    [Fact]
    public async Task AskAsync_TwoPictures_PlacesBoth()
    {
        using Session session = model.NewSession();

        await Ask(session, "Describe the image.", TinyLlava.Answers[0].Picture, TinyLlava.Answers[20].Picture);

        Assert.True(session.LastAnswer!.Statistics.PromptTokens > 2 * 64);
    }

    [Fact]
    public async Task AskAsync_MaxTokens_StopsThere()
    {
        using Session session = model.NewSession();
        RecordedAnswer row = TinyLlava.Answers[0];

        await Ask(session, new GenerationOptions { MaxTokens = 3 }, row.Question, row.Picture);

        Assert.Equal(row.Tokens[..3], session.LastAnswer!.Tokens);
        Assert.Equal(StopReason.MaxTokens, session.LastAnswer.Stop);
    }

    [Fact]
    public async Task AskAsync_CancelledAfterTheFirstPiece_EndsAndKeepsWhatWasMade()
    {
        using Session session = model.NewSession();
        RecordedAnswer row = TinyLlava.Answers[0];
        using var stop = new CancellationTokenSource();
        bool cancelled = false;

        try
        {
            await foreach (string _ in session.AskAsync(row.Question, [Picture.FromFile(row.Picture)], cancellation: stop.Token)) stop.Cancel();
        }
        catch (OperationCanceledException)
        {
            cancelled = true;
        }

        // The model runs ahead of its reader: the whole answer may be there before the first piece is read.
        Assert.Equal(cancelled ? StopReason.Cancelled : StopReason.EndToken, session.LastAnswer!.Stop);
        Assert.Equal(row.Tokens[..session.LastAnswer.Tokens.Count], session.LastAnswer.Tokens);
    }

    [Fact]
    public async Task AskAsync_CancelledFromTheStart_EndsAfterTheFirstToken()
    {
        using Session session = model.NewSession();
        RecordedAnswer row = TinyLlava.Answers[0];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (string _ in session.AskAsync(row.Question, [Picture.FromFile(row.Picture)], cancellation: new CancellationToken(canceled: true))) { }
        });

        Assert.Equal(StopReason.Cancelled, session.LastAnswer!.Stop);
        Assert.Equal(row.Tokens[..1], session.LastAnswer.Tokens);
    }

    [Fact]
    public async Task AskAsync_LeavingTheStreamEarly_FreesTheSessionForTheNextQuestion()
    {
        using Session session = model.NewSession();
        RecordedAnswer row = TinyLlava.Answers[0];
        await foreach (string _ in session.AskAsync(row.Question, [Picture.FromFile(row.Picture)])) break;

        await Ask(session, "How many objects are there?");

        Assert.Equal(StopReason.EndToken, session.LastAnswer!.Stop);
    }

    [Fact]
    public async Task AskAsync_ConversationLongerThanTheContext_IsMmk711()
    {
        using Session session = model.NewSession();

        Assert.Equal(711, (await Error(session, string.Concat(Enumerable.Repeat("how many ", 1200)))).Number);
    }

    [Fact]
    public async Task AskAsync_MarkersAndPicturesDiffer_IsMmk606()
    {
        using Session session = model.NewSession();

        Assert.Equal(606, (await Error(session, "USER: <image>\nWhat? ASSISTANT:")).Number);
        Assert.Equal(606, (await Error(session, "USER: <image>\nWhat? ASSISTANT:", TinyLlava.Answers[0].Picture, TinyLlava.Answers[0].Picture)).Number);
    }

    [Fact]
    public async Task AskAsync_AfterAnError_AnswersAsIfItHadNotBeen()
    {
        using Session session = model.NewSession();
        await Error(session, "What?", "no-such-file.png");
        RecordedAnswer row = TinyLlava.Answers[1];

        await Ask(session, row.Question, row.Picture);

        Assert.Equal(row.Tokens, session.LastAnswer!.Tokens);
    }

    [Fact]
    public async Task AskAsync_SeveralSessionsAtOnce_EachGivesItsRecordedTokens()
    {
        RecordedAnswer[] rows = [.. TinyLlava.Answers.Where(row => row.Tokens.Length < 8).Take(6)];

        IReadOnlyList<int>[] tokens = await Task.WhenAll(rows.Select(row => Task.Run(async () =>
        {
            using Session session = model.NewSession();
            await Ask(session, row.Question, row.Picture);
            return session.LastAnswer!.Tokens;
        })));

        Assert.Equal(rows.Select(row => row.Tokens), tokens);
    }

    [Fact]
    public async Task AskAsync_WhileAnswering_IsMmk702()
    {
        using Session session = model.NewSession();
        await using IAsyncEnumerator<string> first = session.AskAsync(TinyLlava.Answers[0].Question, [Picture.FromFile(TinyLlava.Answers[0].Picture)]).GetAsyncEnumerator();
        await first.MoveNextAsync();

        Assert.Equal(702, (await Error(session, "What?")).Number);
    }

    [Fact]
    public async Task AskAsync_PictureThenTextThenPicture_ReadsEachPictureOnce()
    {
        using Session session = model.NewSession();
        await Ask(session, "Describe the image.", TinyLlava.Answers[0].Picture);
        await Ask(session, "What color is the background?");
        int before = session.LastAnswer!.Statistics.PromptTokens;

        await Ask(session, "Describe the image.", TinyLlava.Answers[20].Picture);

        AnswerStatistics statistics = session.LastAnswer!.Statistics;
        Assert.InRange(statistics.CachedTokens, before, statistics.PromptTokens - 64);
        using Session fresh = model.NewSession();
        await Ask(fresh, "Describe the image.", TinyLlava.Answers[0].Picture);
        Assert.True(statistics.PromptTokens > before + 64);
    }

    [Fact]
    public async Task AskAsync_AfterAQuestionThatFailedWithItsPicture_CountsOnlyThePicturesThatAreThere()
    {
        using Session session = model.NewSession();
        await Ask(session, "Describe the image.", TinyLlava.Answers[0].Picture);
        Assert.Equal(460, (await Error(session, "And this?", "no-such-file.png")).Number / 10 * 10);

        await Ask(session, "What color is the background?");

        Assert.Equal(StopReason.EndToken, session.LastAnswer!.Stop);
    }

    [Fact]
    public async Task AskAsync_AfterDispose_IsRefused()
    {
        Session session = model.NewSession();
        session.Dispose();
        session.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Ask(session, "What?"));
    }

    [Fact]
    public async Task Dispose_OfTheModelBeforeItsSessions_LeavesThemDead()
    {
        MmModel own = MmModel.Load(TinyLlava.Folder);
        Session session = own.NewSession();
        own.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Ask(session, "What?"));
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => own.NewSession());
        own.Dispose();
    }

    /// <summary>The interpreter needs seconds for an answer, of which the second session waits for none.</summary>
    [Fact]
    public async Task AskAsync_CancelledWhileAnotherSessionAnswers_EndsAtOnce()
    {
        using MmModel slow = MmModel.Load(TinyLlava.Folder, "interpreter");
        using Session answering = slow.NewSession(), waiting = slow.NewSession();
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<string> pieces = answering.AskAsync(TinyLlava.Answers[0].Question, [Picture.FromFile(TinyLlava.Answers[0].Picture)]).GetAsyncEnumerator();
        await pieces.MoveNextAsync();

        Task asked = Ask(waiting, "What?", stop.Token);
        stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Null(answering.LastAnswer);
        Assert.Null(waiting.LastAnswer);
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task AskAsync_NoTemperature_IsMmk700(double temperature)
    {
        using Session session = model.NewSession();

        var error = await Assert.ThrowsAsync<MmkException>(() => Ask(session, new GenerationOptions { Temperature = temperature }, "What?"));

        Assert.Equal(700, error.Number);
    }

    private static async Task Ask(Session session, string prompt, CancellationToken cancellation)
    {
        await foreach (string _ in session.AskAsync(prompt, cancellation: cancellation)) { }
    }

    private static Task Ask(Session session, string prompt, params string[] pictures) => Ask(session, new GenerationOptions(), prompt, pictures);

    private static async Task Ask(Session session, GenerationOptions options, string prompt, params string[] pictures)
    {
        await foreach (string _ in session.AskAsync(prompt, [.. pictures.Select(Picture.FromFile)], options)) { }
    }

    private static Task<MmkException> Error(Session session, string prompt, params string[] pictures) => Assert.ThrowsAsync<MmkException>(() => Ask(session, prompt, pictures));
}
