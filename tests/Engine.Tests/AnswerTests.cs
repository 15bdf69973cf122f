using MmKernels.Engine;

namespace MmKernels.Tests;

/// <summary>The embedded model gives exactly the recorded tokens. Each row's smallest top-1 margin is at least 0.14, far above the rounding of f32 sums.</summary>
public class AnswerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Ask_EveryRecordedQuestion_GivesTheRecordedTokens(int threads)
    {
        using MmModel model = MmModel.Load(TinyLlava.Folder, new LoadOptions { Threads = threads });
        await AskAll(model);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Ask_WeightsWidenedToF32_GivesTheRecordedTokens(int threads)
    {
        using TemporaryFolder folder = TinyLlava.Widened();
        using MmModel model = MmModel.Load(folder.Path, new LoadOptions { Threads = threads });
        await AskAll(model);
    }

    [Fact]
    public async Task Ask_WholePromptWithAMarker_GivesTheRecordedTokens()
    {
        using MmModel model = MmModel.Load(TinyLlava.Folder);
        using Session session = model.NewSession();
        RecordedAnswer row = TinyLlava.Answers[0];

        string text = await Ask(session, row.Prompt, row.Picture);

        Assert.Equal(row.Answer, text);
        Assert.Equal(row.Tokens, session.LastAnswer!.Tokens);
    }

    [Fact]
    public async Task Ask_OnTheInterpreter_GivesTheRecordedTokens()
    {
        RecordedAnswer row = TinyLlava.Answers.MinBy(answer => answer.Tokens.Length)!;
        using MmModel model = MmModel.Load(TinyLlava.Folder, "interpreter");
        using Session session = model.NewSession();

        await Ask(session, row.Question, row.Picture);

        Assert.Equal(row.Tokens, session.LastAnswer!.Tokens);
    }

    private static async Task AskAll(MmModel model)
    {
        var wrong = new List<string>();
        foreach (RecordedAnswer row in TinyLlava.Answers)
        {
            using Session session = model.NewSession();
            string text = await Ask(session, row.Question, row.Picture);
            Answer answer = session.LastAnswer!;
            if (!answer.Tokens.SequenceEqual(row.Tokens) || text != row.Answer || answer.Text != row.Answer || answer.Stop != StopReason.EndToken || answer.Statistics.PromptTokens != row.PromptTokens)
                wrong.Add($"{row} gives `{text}` ({string.Join(' ', answer.Tokens)})");
        }
        Assert.Empty(wrong);
        Assert.Equal(108, TinyLlava.Answers.Count);
    }

    private static async Task<string> Ask(Session session, string prompt, string picture)
    {
        var text = new System.Text.StringBuilder();
        await foreach (string piece in session.AskAsync(prompt, [Picture.FromFile(picture)])) text.Append(piece);
        return text.ToString();
    }
}
