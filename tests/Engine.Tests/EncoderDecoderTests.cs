using System.Text.Json.Nodes;
using MmKernels.Engine;

namespace MmKernels.Tests;

/// <summary>A T5 folder as the hub has it: the fixture with a tokenizer in which word w17 is token 17 and that ends texts with &lt;/s&gt;, as T5's do.</summary>
public class EncoderDecoderTests
{
    private static readonly string Fixture = Goldens.Folder("llm_t5")!;
    private static readonly JsonNode Reference = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixture, "reference.json")))!;

    [Fact]
    public async Task Ask_TextPrompt_GivesTheRecordedTokens()
    {
        using TemporaryFolder folder = Folder();
        using MmModel model = MmModel.Load(folder.Path);
        using Session session = model.NewSession();
        int[] prompt = Numbers("prompt_ids"), expected = Numbers("greedy_tokens");

        await Ask(session, prompt[..^1], expected.Length);

        Assert.Equal(prompt.Length, session.LastAnswer!.Statistics.PromptTokens);
        Assert.Equal(expected, session.LastAnswer.Tokens);
    }

    [Fact]
    public async Task Ask_SecondQuestion_IsReadAsAWhole()
    {
        using TemporaryFolder folder = Folder();
        using MmModel model = MmModel.Load(folder.Path);
        using Session session = model.NewSession();
        await Ask(session, [44, 45], 3);
        int answered = session.LastAnswer!.Tokens.Count(token => token != 1);
        await Ask(session, [46], 3);

        // Two questions with the answer between them, and the end token.
        Assert.Equal(2 + answered + 1 + 1, session.LastAnswer!.Statistics.PromptTokens);
        Assert.Equal(0, session.LastAnswer.Statistics.CachedTokens);
    }

    private static async Task Ask(Session session, int[] words, int count)
    {
        string text = string.Concat(words.Select(word => $" w{word} "));
        await foreach (string _ in session.AskAsync(text, options: new GenerationOptions { MaxTokens = count })) { }
    }

    private static int[] Numbers(string key) => [.. Reference[key]!.AsArray().Select(node => (int)node!)];

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        foreach (string file in new[] { "config.json", "model.safetensors" }) File.Copy(Path.Combine(Fixture, file), Path.Combine(folder.Path, file));
        var vocabulary = new JsonObject { ["<pad>"] = 0, ["</s>"] = 1 };
        for (int i = 2; i < 300; i++) vocabulary[$"w{i}"] = i;
        folder.Write("tokenizer.json", new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["post_processor"] = JsonNode.Parse("""
                {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                 "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                 "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}
                """),
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = "<pad>" },
        }.ToJsonString());
        return folder;
    }
}
