using System.Globalization;
using MmKernels.Engine;

namespace MmKernels.Tests;

/// <summary>Folders as the hub holds instruct models: the prompt's text is what the published template makes of it, the tokens are those of a plain reference in double precision.</summary>
public class LookAlikeTests
{
    private const int NewTokens = 40;
    private const string Prompt = "Why is the sky blue? ";

    [Fact]
    public async Task SmolLm2_GivesTheReferencesTokens()
    {
        using LookAlike folder = LookAlikes.SmolLm2();

        await AssertGreedy(folder, "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\nWhy is the sky blue? <|im_end|>\n<|im_start|>assistant\n");
    }

    [Fact]
    public async Task Llama32_GivesTheReferencesTokens()
    {
        using LookAlike folder = LookAlikes.Llama32();
        string Text() => $"<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: {DateTime.Now.ToString("dd MMM yyyy", CultureInfo.InvariantCulture)}\n\n"
            + "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy is the sky blue?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n";
        string before = Text();
        Answer answer = await Ask(folder, new GenerationOptions { MaxTokens = NewTokens });
        if (Text() != before) (before, answer) = (Text(), await Ask(folder, new GenerationOptions { MaxTokens = NewTokens }));   // midnight

        AssertTokens(folder, before, 1, answer);
    }

    [Fact]
    public async Task Qwen25_GivesTheReferencesTokensWithItsRepetitionPenalty()
    {
        using LookAlike folder = LookAlikes.Qwen25();
        const string Text = "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n<|im_start|>user\nWhy is the sky blue? <|im_end|>\n<|im_start|>assistant\n";

        await AssertGreedy(folder, Text, penalty: 1.1);
        AssertTokens(folder, Text, 1, await Ask(folder, new GenerationOptions { MaxTokens = NewTokens, RepetitionPenalty = 1 }));
        AssertTokens(folder, Text, 1.7, await Ask(folder, new GenerationOptions { MaxTokens = NewTokens, RepetitionPenalty = 1.7 }));
    }

    [Fact]
    public async Task TinyLlama_GivesTheReferencesTokens()
    {
        using LookAlike folder = LookAlikes.TinyLlama();

        await AssertGreedy(folder, "<|user|>\nWhy is the sky blue? </s>\n<|assistant|>\n");
    }

    [Fact]
    public async Task SystemText_TakesThePlaceOfTheTemplatesOwn()
    {
        using LookAlike folder = LookAlikes.Qwen25();
        using MmModel model = MmModel.Load(folder.Path);
        using Session session = model.NewSession("Be brief.");
        await foreach (string _ in session.AskAsync(Prompt, options: new GenerationOptions { MaxTokens = NewTokens })) { }

        AssertTokens(folder, "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhy is the sky blue? <|im_end|>\n<|im_start|>assistant\n", 1.1, session.LastAnswer!);
    }

    [Theory]
    [InlineData("[258, {0}]")]
    [InlineData("{0}")]
    public async Task EndTokens_OfTheGenerationConfig_EndTheAnswer(string list)
    {
        using LookAlike folder = LookAlikes.SmolLm2();
        IReadOnlyList<int> tokens = (await Ask(folder, new GenerationOptions { MaxTokens = NewTokens })).Tokens;
        int end = tokens[9], first = tokens.TakeWhile(token => token != end).Count();
        folder.Write("generation_config.json", $$"""{"eos_token_id": {{string.Format(CultureInfo.InvariantCulture, list, end)}}}""");

        Answer answer = await Ask(folder, new GenerationOptions { MaxTokens = NewTokens });

        Assert.Equal(tokens.Take(first + 1), answer.Tokens);
        Assert.Equal(StopReason.EndToken, answer.Stop);
    }

    [Fact]
    public async Task SuppressedTokens_OfTheGenerationConfig_AreNeverChosen()
    {
        using LookAlike folder = LookAlikes.SmolLm2();
        IReadOnlyList<int> tokens = (await Ask(folder, new GenerationOptions { MaxTokens = 12 })).Tokens;
        folder.Write("generation_config.json", $$"""{"eos_token_id": 258, "suppress_tokens": [{{tokens[0]}}, {{tokens[5]}}]}""");

        IReadOnlyList<int> others = (await Ask(folder, new GenerationOptions { MaxTokens = 12 })).Tokens;

        Assert.DoesNotContain(tokens[0], others);
        Assert.DoesNotContain(tokens[5], others);
    }

    [Fact]
    public void Notes_SayWhatOfTheGenerationConfigIsLeftOut()
    {
        using LookAlike folder = LookAlikes.SmolLm2();
        folder.Write("generation_config.json", """{"eos_token_id": 258, "num_beams": 4, "no_repeat_ngram_size": 0, "min_length": 0, "forced_eos_token_id": null, "bad_words_ids": [[1]]}""");
        using MmModel model = MmModel.Load(folder.Path);

        Assert.Collection(model.Notes, note => Assert.Contains("num_beams", note, StringComparison.Ordinal), note => Assert.Contains("bad_words_ids", note, StringComparison.Ordinal));
    }

    /// <summary>Weights that are damaged give an error, not a token; greedily, drawn and side by side.</summary>
    [Fact]
    public async Task NotANumberInTheWeights_IsMmk620()
    {
        using LookAlike folder = LookAlikes.SmolLm2();
        folder.Model.Weights["model.norm.weight"][3] = float.NaN;
        folder.WriteWeights();
        using MmModel model = MmModel.Load(folder.Path);
        using Session session = model.NewSession();

        foreach (GenerationOptions options in new[] { new GenerationOptions(), new GenerationOptions { Temperature = 1, TopK = 5, LogProbabilities = 2 } })
        {
            var error = await Assert.ThrowsAsync<MmkException>(async () => { await foreach (string _ in session.AskAsync(Prompt, options: options)) { } });
            Assert.Equal(620, error.Number);
            Assert.Equal(620, (await Assert.ThrowsAsync<MmkException>(() => model.AnswerAllAsync([new Question(Prompt, Options: options), new Question("a")]))).Number);
        }
        Assert.Null(session.LastAnswer);
    }

    /// <summary>Where the context ends in the middle of an answer the answer ends, alone and among others; a prompt that fills it is refused.</summary>
    [Fact]
    public async Task Context_EndsInTheMiddleOfAnAnswer_EndsIt()
    {
        using LookAlike folder = LookAlikes.Qwen25();
        IReadOnlyList<int> tokens = (await Ask(folder, new GenerationOptions { MaxTokens = NewTokens })).Tokens;
        int prompt = folder.Encode("<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n<|im_start|>user\nWhy is the sky blue? <|im_end|>\n<|im_start|>assistant\n").Length;
        folder.Write("config.json", File.ReadAllText(Path.Combine(folder.Path, "config.json")).Replace("\"max_position_embeddings\": 32768", $"\"max_position_embeddings\": {prompt + 5}"));
        using MmModel model = MmModel.Load(folder.Path);
        var options = new GenerationOptions { MaxTokens = NewTokens, Temperature = 0 };
        using Session session = model.NewSession();
        await foreach (string _ in session.AskAsync(Prompt, options: options)) { }
        IReadOnlyList<Answer> together = await model.AnswerAllAsync([new Question(Prompt, Options: options), new Question("a", Options: options with { MaxTokens = 3 })]);

        Assert.Equal(tokens.Take(6), session.LastAnswer!.Tokens);   // five that the context holds, and the one that they lead to
        Assert.Equal(StopReason.ContextFull, session.LastAnswer.Stop);
        Assert.Equal((StopReason.ContextFull, StopReason.MaxTokens), (together[0].Stop, together[1].Stop));
        Assert.Equal(session.LastAnswer.Tokens, together[0].Tokens);
        var error = await Assert.ThrowsAsync<MmkException>(async () => { await foreach (string _ in session.AskAsync("And the sea?", options: options)) { } });
        Assert.Equal(711, error.Number);
    }

    /// <summary>Ten questions to a language model side by side.</summary>
    [Fact]
    public async Task AnswerAll_GivesTheTokensOfEachQuestionAlone()
    {
        using LookAlike folder = LookAlikes.Qwen25();
        using MmModel model = MmModel.Load(folder.Path);
        Question[] questions = [.. Enumerable.Range(0, 10).Select(i => new Question(new string('a', 1 + 7 * i), Options: new GenerationOptions { MaxTokens = 3 + i, Temperature = i % 2, Seed = (ulong)i }))];
        var alone = new List<IReadOnlyList<int>>();
        foreach (Question question in questions)
        {
            using Session session = model.NewSession();
            await foreach (string _ in session.AskAsync(question.Prompt, options: question.Options)) { }
            alone.Add(session.LastAnswer!.Tokens);
        }

        Assert.Equal(alone, (await model.AnswerAllAsync(questions, atOnce: 4)).Select(answer => answer.Tokens));
    }

    private static async Task AssertGreedy(LookAlike folder, string text, double penalty = 1) => AssertTokens(folder, text, penalty, await Ask(folder, new GenerationOptions { MaxTokens = NewTokens }));

    private static void AssertTokens(LookAlike folder, string text, double penalty, Answer answer)
    {
        int[] prompt = folder.Encode(text), expected = folder.Model.Greedy(prompt, NewTokens, penalty, out double margin);
        int end = Array.FindIndex(expected, token => token == folder.Id("<|im_end|>") && token >= 256);

        Assert.True(margin > 1e-4, $"the reference is too close to call: {margin}");   // f32 sums of these sizes differ by some 1e-6
        Assert.Equal(prompt.Length, answer.Statistics.PromptTokens);
        Assert.Equal(end < 0 ? expected : expected[..(end + 1)], answer.Tokens);
        Assert.True(expected.Distinct().Count() > 5);
    }

    private static async Task<Answer> Ask(LookAlike folder, GenerationOptions options)
    {
        using MmModel model = MmModel.Load(folder.Path);
        using Session session = model.NewSession();
        await foreach (string _ in session.AskAsync(Prompt, options: options)) { }
        return session.LastAnswer!;
    }
}
