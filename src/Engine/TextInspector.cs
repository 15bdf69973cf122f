using System.Text.Json;
using MmKernels.Data;
using MmKernels.Data.ChatTemplates;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Engine;

/// <summary>A token of a text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">How the vocabulary spells it.</param>
/// <param name="Start">First code point of the text that it covers.</param>
/// <param name="End">The code point behind the last one; equal to <paramref name="Start"/> for tokens that the tokenizer adds.</param>
/// <param name="Special">Whether the tokenizer added it.</param>
public sealed record TokenRow(int Id, string Token, int Start, int End, bool Special);

/// <summary>Looks into tokenizers and chat templates, without a model.</summary>
public static class TextInspector
{
    /// <summary>The tokens of a text.</summary>
    /// <param name="path">A checkpoint folder, or a tokenizer's file.</param>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to add what the tokenizer adds, such as the token that begins a text.</param>
    /// <exception cref="MmkException">MMK400 to MMK413, MMK430 to MMK439: the tokenizer cannot be read.</exception>
    public static IReadOnlyList<TokenRow> Tokenize(string path, string text, bool addSpecialTokens = true)
    {
        Encoding encoding = Tokenizer.Load(path).Encode(text, addSpecialTokens);
        var rows = new TokenRow[encoding.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = new TokenRow(encoding.Ids[i], encoding.Tokens[i], encoding.Offsets[i].Start, encoding.Offsets[i].End, encoding.SpecialMask[i] != 0);
        return rows;
    }

    /// <summary>The text of token ids.</summary>
    /// <param name="path">A checkpoint folder, or a tokenizer's file.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out.</param>
    /// <exception cref="MmkException">MMK400 to MMK413, MMK430 to MMK439: the tokenizer cannot be read, or has no such id.</exception>
    public static string Decode(string path, ReadOnlySpan<int> ids, bool skipSpecialTokens = true) => Tokenizer.Load(path).Decode(ids, skipSpecialTokens);

    /// <summary>A conversation as a checkpoint's chat template writes it.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="messages">A JSON array of messages with role and content.</param>
    /// <param name="addGenerationPrompt">Whether to end with what makes the model answer.</param>
    /// <param name="variant">Which one of several named templates; null takes the default one.</param>
    /// <exception cref="MmkException">MMK440 to MMK444: the template is wrong, missing, or refuses the messages; MMK714: the messages are no JSON array.</exception>
    public static string Render(string folder, string messages, bool addGenerationPrompt = true, string? variant = null)
    {
        ChatTemplate template = ChatTemplate.Load(folder, variant);
        using JsonDocument json = Parse(messages);
        if (json.RootElement.ValueKind != JsonValueKind.Array) throw EngineErrors.NoMessages($"a JSON {json.RootElement.ValueKind}");
        return template.Render([.. json.RootElement.EnumerateArray().Select(message => (object?)message)], addGenerationPrompt);
    }

    /// <summary>A single question, as messages for <see cref="Render"/>: in parts where the checkpoint takes pictures, else as plain text.</summary>
    public static string Question(string folder, string text)
    {
        bool pictures = File.Exists(Path.Combine(folder, "processor_config.json")) || File.Exists(Path.Combine(folder, "preprocessor_config.json"));
        object content = pictures ? new object[] { new Dictionary<string, string> { ["type"] = "text", ["text"] = text } } : text;
        return JsonSerializer.Serialize(new[] { new Dictionary<string, object> { ["role"] = "user", ["content"] = content } });
    }

    private static JsonDocument Parse(string messages)
    {
        try { return JsonDocument.Parse(messages); }
        catch (JsonException e) { throw EngineErrors.NoMessages(e.Message); }
    }
}
