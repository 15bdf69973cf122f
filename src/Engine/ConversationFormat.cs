using System.Text;
using MmKernels.Data;
using MmKernels.Data.ChatTemplates;
using MmKernels.Data.Tokenizers;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>How a conversation becomes token ids: the chat template, the tokenizer and the pictures' placeholders of a checkpoint.</summary>
internal sealed class ConversationFormat
{
    private static readonly string[] Specials = ["bos_token", "eos_token", "unk_token", "pad_token"];

    private readonly ChatTemplate? template;
    private readonly Dictionary<string, string> specialTokens = [];
    private readonly ImagePrompt? images;

    private ConversationFormat(Tokenizer tokenizer, TokenizerConfig config, ChatTemplate? template, ImagePrompt? images)
    {
        (Tokenizer, this.template, this.images) = (tokenizer, template, images);
        foreach (string key in Specials)
            if (config.Special(key) is { } token) specialTokens[key] = token.Content;
    }

    public Tokenizer Tokenizer { get; }

    /// <summary>The id that stands for pictures; null where the model takes none.</summary>
    public int? Placeholder => images?.Placeholder;

    /// <summary>What stands for a picture in a prompt.</summary>
    public string Marker => images?.Marker ?? ImagePrompt.DefaultMarker;

    /// <summary>Reads tokenizer and template of a checkpoint.</summary>
    /// <exception cref="MmkException">MMK400 to MMK413, MMK430 to MMK443: one of them is missing or wrong.</exception>
    public static ConversationFormat Load(ModelSpec spec, ModelFiles files)
    {
        if (!File.Exists(files.Tokenizer)) throw EngineErrors.NoTokenizer(files.Tokenizer);
        Tokenizer tokenizer = Tokenizer.Load(files.Tokenizer);
        string? text = spec.Conversation?.Template ?? ChatTemplateFiles.Find(files.Folder).GetValueOrDefault("default");
        return new ConversationFormat(tokenizer, TokenizerConfig.Open(files.Folder), text is null ? null : ChatTemplate.Compile(text), spec.Images);
    }

    /// <summary>The ids of a conversation that ends with a question, one placeholder per picture.</summary>
    public int[] Tokenize(IReadOnlyList<Message> messages)
    {
        string text = Text(messages, out bool rendered);
        // A language model's template writes every special token itself; processors with pictures add them unless it did.
        string begin = specialTokens.GetValueOrDefault("bos_token", "");
        bool special = !rendered || (images is not null && !(begin.Length > 0 && text.StartsWith(begin, StringComparison.Ordinal)));
        return images is null ? Tokenizer.Encode(text, special).Ids : images.Tokenize(Tokenizer, text, special);
    }

    /// <summary>Whole prompts and what answered them stand as they are; the turns between are rendered.</summary>
    private string Text(IReadOnlyList<Message> messages, out bool rendered)
    {
        var text = new StringBuilder();
        rendered = template is not null && !messages[0].IsComplete;
        for (int i = 0; i < messages.Count;)
        {
            int end = i;
            if (template is null || messages[i].IsComplete)
            {
                do text.Append(messages[end++].Text);
                while (end < messages.Count && messages[end].Role == Message.Assistant);
            }
            else
            {
                while (end < messages.Count && !messages[end].IsComplete) end++;
                var turns = new List<object>();
                for (int turn = i; turn < end; turn++) turns.Add(Turn(messages[turn]));
                text.Append(template.Render(turns, addGenerationPrompt: end == messages.Count, specialTokens));
            }
            i = end;
        }
        return text.ToString();
    }

    /// <summary>A turn as templates see it: parts where the model takes pictures, else plain text.</summary>
    private Dictionary<string, object?> Turn(Message message)
    {
        object content = message.Text;
        if (images is not null)
        {
            var parts = new List<object>();
            for (int i = 0; i < message.Pictures; i++) parts.Add(new Dictionary<string, object?> { ["type"] = "image" });
            parts.Add(new Dictionary<string, object?> { ["type"] = "text", ["text"] = message.Text });
            content = parts;
        }
        return new Dictionary<string, object?> { ["role"] = message.Role, ["content"] = content };
    }
}
