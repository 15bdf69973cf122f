using System.Text.Json;
using MmKernels.Data.ChatTemplates;
using MmKernels.Models;

namespace MmKernels.Tests;

/// <summary>A question about pictures is written as the original repository wrote it.</summary>
public class ConversationTests
{
    [Theory]
    [InlineData("llava_v0_linear", "", "What is in this picture?", 1)]
    [InlineData("yi_vl", "", "What is in this picture?", 1)]
    [InlineData("llava15", "original", "What is in this picture?", 1)]
    public void Render_Question_IsTheRecordedPrompt(string fixture, string variant, string question, int pictures)
    {
        string folder = Goldens.Folder(fixture)!;
        ModelFiles files = variant.Length == 0 ? ModelFiles.Open(folder) : ModelFiles.OpenVariant(folder, variant);
        ModelSpec spec = Recipe.Of(files).Read(files);
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "reference.json")));
        JsonElement recorded = variant.Length == 0 ? reference.RootElement : reference.RootElement.GetProperty(variant);

        Assert.Equal(recorded.GetProperty("prompt").GetString(), Render(spec.Conversation!, (question, pictures), null));
    }

    [Fact]
    public void Render_SecondTurn_ClosesTheFirstAnswer()
    {
        Assert.EndsWith("USER: a ASSISTANT: b</s>USER: c ASSISTANT:", Render(Conversation.VicunaV1("<image>"), ("a", 0), "b", ("c", 0)));
        Assert.EndsWith("###Human: a###Assistant: b###Human: c###Assistant:", Render(Conversation.LlavaV0("<image>"), ("a", 0), "b", ("c", 0)));
        Assert.EndsWith("### Human: a\n### Assistant: b\n### Human: c\n### Assistant:", Render(Conversation.YiVl("<image>"), ("a", 0), "b", ("c", 0)));
    }

    private static string Render(Conversation conversation, (string Text, int Pictures) first, string? answer, (string Text, int Pictures)? second = null)
    {
        var messages = new List<object> { Turn("user", first.Text, first.Pictures) };
        if (answer is not null) messages.Add(Turn("assistant", answer, 0));
        if (second is { } next) messages.Add(Turn("user", next.Text, next.Pictures));
        return ChatTemplate.Compile(conversation.Template).Render(messages, addGenerationPrompt: true);
    }

    private static Dictionary<string, object?> Turn(string role, string text, int pictures)
    {
        var parts = new List<object>();
        for (int i = 0; i < pictures; i++) parts.Add(new Dictionary<string, object?> { ["type"] = "image" });
        parts.Add(new Dictionary<string, object?> { ["type"] = "text", ["text"] = text });
        return new Dictionary<string, object?> { ["role"] = role, ["content"] = parts };
    }
}
