using MmKernels.Engine;

namespace MmKernels.Tests;

public sealed class BatchTests : IDisposable
{
    private readonly MmModel model = MmModel.Load(TinyLlava.Folder);

    public void Dispose() => model.Dispose();

    [Fact]
    public async Task AnswerAllAsync_RecordedQuestions_GiveTheRecordedTokens()
    {
        RecordedAnswer[] rows = [.. TinyLlava.Answers.Where((_, i) => i % 9 == 0)];

        IReadOnlyList<Answer> answers = await model.AnswerAllAsync([.. rows.Select(row => new Question(row.Question, [Picture.FromFile(row.Picture)]))], atOnce: 5);

        Assert.Equal(12, rows.Length);
        Assert.Equal(rows.Select(row => row.Tokens), answers.Select(answer => answer.Tokens));
        Assert.Equal(rows.Select(row => row.Answer), answers.Select(answer => answer.Text));
        Assert.All(answers, answer => Assert.Equal(StopReason.EndToken, answer.Stop));
    }

    /// <summary>Other options in every row: temperatures, filters, penalties, stops, limits, log-probabilities.</summary>
    [Fact]
    public async Task AnswerAllAsync_QuestionsWithOptionsOfTheirOwn_GiveWhatTheyGiveAlone()
    {
        GenerationOptions[] options =
        [
            new(), new() { Temperature = 1.5, Seed = 4, LogProbabilities = 3 }, new() { MaxTokens = 2 }, new() { Stops = ["square"] }, new() { RepetitionPenalty = 1.4, LogProbabilities = 0 },
            new() { Temperature = 2, TopK = 20, TopP = 0.9, MinP = 0.01, Seed = 8, PresencePenalty = 0.5 }, new() { MaxTokens = 1, LogProbabilities = 2 },
        ];
        Question[] questions = [.. options.Select((own, i) => new Question(TinyLlava.Answers[i].Question, [Picture.FromFile(TinyLlava.Answers[i].Picture)], own)), new Question("Hello there.", Options: options[1])];
        var alone = new List<Answer>();
        foreach (Question question in questions)
        {
            using Session session = model.NewSession();
            await foreach (string _ in session.AskAsync(question.Prompt, question.Pictures, question.Options)) { }
            alone.Add(session.LastAnswer!);
        }

        IReadOnlyList<Answer> together = await model.AnswerAllAsync(questions);

        Assert.Equal(alone.Select(answer => (answer.Text, answer.Stop, string.Join(' ', answer.Tokens))), together.Select(answer => (answer.Text, answer.Stop, string.Join(' ', answer.Tokens))));
        Assert.Equal(alone.Select(Bits), together.Select(Bits));

        static string Bits(Answer answer) => string.Join("; ", answer.Probabilities.Select(token => $"{token.Token} {token.LogProbability:R} {string.Join(' ', token.Alternatives)}"));
    }

    [Fact]
    public async Task AskAllAsync_Pieces_MakeTheTexts()
    {
        RecordedAnswer[] rows = [.. TinyLlava.Answers.Take(3)];
        var texts = new string[3];
        var answers = new Answer?[3];

        await foreach (AnswerPiece piece in model.AskAllAsync([.. rows.Select(row => new Question(row.Question, [Picture.FromFile(row.Picture)]))]))
        {
            Assert.Null(answers[piece.Question]);
            texts[piece.Question] += piece.Text;
            answers[piece.Question] = piece.Answer;
        }

        Assert.Equal(rows.Select(row => row.Answer), texts);
        Assert.Equal(texts, answers.Select(answer => answer!.Text));
    }

    [Fact]
    public async Task AskAllAsync_OneQuestionIsWrong_NamesItAndAnswersNone()
    {
        Question right = new(TinyLlava.Answers[0].Question, [Picture.FromFile(TinyLlava.Answers[0].Picture)]);
        int pieces = 0;

        async Task<MmkException> Ask(params Question[] questions) => await Assert.ThrowsAsync<MmkException>(async () =>
        {
            await foreach (AnswerPiece _ in model.AskAllAsync(questions)) pieces++;
        });

        Assert.Contains("question 1:", (await Ask(right, new Question(" "))).Message, StringComparison.Ordinal);
        Assert.Equal(711, (await Ask(right, new Question(string.Concat(Enumerable.Repeat("how many ", 1200))))).Number);
        Assert.Equal(606, (await Ask(right, new Question("USER: <image>\nWhat? ASSISTANT:"))).Number);
        Assert.Equal(718, (await Ask()).Number);
        Assert.Equal(0, pieces);
    }

    [Fact]
    public async Task AskAllAsync_Cancelled_Ends_AndTheModelGoesOn()
    {
        RecordedAnswer row = TinyLlava.Answers[0];
        Question question = new(row.Question, [Picture.FromFile(row.Picture)]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.AnswerAllAsync([question, question], cancellation: new CancellationToken(canceled: true)));

        Assert.Equal(row.Tokens, (await model.AnswerAllAsync([question]))[0].Tokens);
    }

    /// <summary>Sessions and batches of several threads take turns at the device.</summary>
    [Fact]
    public async Task AnswerAllAsync_BesideSessions_EachGivesItsRecordedTokens()
    {
        RecordedAnswer[] rows = [.. TinyLlava.Answers.Where(row => row.Tokens.Length < 8).Take(4)];
        Question[] questions = [.. rows.Select(row => new Question(row.Question, [Picture.FromFile(row.Picture)]))];

        Task<IReadOnlyList<Answer>>[] batches = [Task.Run(() => model.AnswerAllAsync(questions)), Task.Run(() => model.AnswerAllAsync(questions, atOnce: 2))];
        IReadOnlyList<int>[] alone = await Task.WhenAll(rows.Select(row => Task.Run(async () =>
        {
            using Session session = model.NewSession();
            await foreach (string _ in session.AskAsync(row.Question, [Picture.FromFile(row.Picture)])) { }
            return session.LastAnswer!.Tokens;
        })));

        Assert.Equal(rows.Select(row => row.Tokens), alone);
        foreach (Task<IReadOnlyList<Answer>> batch in batches) Assert.Equal(rows.Select(row => row.Tokens), (await batch).Select(answer => answer.Tokens));
    }
}
