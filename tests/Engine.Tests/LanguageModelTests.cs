using System.Text.Json.Nodes;
using MmKernels.Data;
using MmKernels.Engine;

namespace MmKernels.Tests;

/// <summary>A folder with a language model alone, as the hub holds them: here the language model of the embedded checkpoint.</summary>
public class LanguageModelTests
{
    private const string Question = "Describe the image.";

    [Fact]
    public async Task Ask_LanguageModelAlone_GivesTheTokensOfTheWholeSystemWithoutPictures()
    {
        using TemporaryFolder folder = LanguageModel("{{ bos_token }}USER: {{ messages[0]['content'] }} ASSISTANT:");

        Assert.Equal(await Tokens(TinyLlava.Folder), await Tokens(folder.Path));
    }

    [Fact]
    public async Task Ask_WithoutAChatTemplate_ContinuesTheText()
    {
        using TemporaryFolder folder = LanguageModel(template: null);
        using MmModel model = MmModel.Load(folder.Path);
        using Session session = model.NewSession();

        await foreach (string _ in session.AskAsync("USER: Describe the image. ASSISTANT:", options: new GenerationOptions { MaxTokens = 6 })) { }

        Assert.Equal((await Tokens(TinyLlava.Folder)).Take(6), session.LastAnswer!.Tokens);
    }

    [Fact]
    public async Task Ask_StopText_EndsBeforeIt()
    {
        using MmModel model = MmModel.Load(TinyLlava.Folder);
        using Session session = model.NewSession();
        string text = "";

        await foreach (string piece in session.AskAsync(TinyLlava.Answers[0].Question, [Picture.FromFile(TinyLlava.Answers[0].Picture)], new GenerationOptions { Stops = ["square", "ye"] }))
            text += piece;

        Assert.Equal("A small black circle at the top, a large ", text);
        Assert.Equal(text, session.LastAnswer!.Text);
        Assert.Equal(StopReason.StopText, session.LastAnswer.Stop);
    }

    private static async Task<IReadOnlyList<int>> Tokens(string folder)
    {
        using MmModel model = MmModel.Load(folder);
        using Session session = model.NewSession();
        await foreach (string _ in session.AskAsync(Question, options: new GenerationOptions { MaxTokens = 12 })) { }
        return session.LastAnswer!.Tokens;
    }

    private static TemporaryFolder LanguageModel(string? template)
    {
        const string Prefix = "language_model.";
        var folder = new TemporaryFolder();
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(TinyLlava.Folder, "config.json")))!;
        folder.Write("config.json", config["text_config"]!.ToJsonString());
        JsonNode tokenizer = JsonNode.Parse(File.ReadAllText(Path.Combine(TinyLlava.Folder, "tokenizer_config.json")))!;
        tokenizer["chat_template"] = template;
        folder.Write("tokenizer_config.json", tokenizer.ToJsonString());
        File.Copy(Path.Combine(TinyLlava.Folder, "tokenizer.json"), Path.Combine(folder.Path, "tokenizer.json"));
        using Checkpoint checkpoint = Checkpoint.Open(TinyLlava.Folder);
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model.safetensors"), checkpoint.Tensors
            .Where(tensor => tensor.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(tensor => new TensorToWrite(tensor.Name[Prefix.Length..], tensor.Format, tensor.Shape, tensor.Data.ToArray())));
        return folder;
    }
}
