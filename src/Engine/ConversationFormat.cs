using System.Text;
using MmKernels.Data;
using MmKernels.Data.ChatTemplates;
using MmKernels.Data.Tokenizers;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>How a conversation becomes token ids: the chat template, the tokenizer and the pictures' placeholders of a checkpoint.</summary>
internal sealed class ConversationFormat
{
    private readonly ChatTemplate? template;
    private readonly IReadOnlyDictionary<string, string> specialTokens;
    private readonly ImagePrompt? images;
    private readonly bool fixedOpening;

    private ConversationFormat(Tokenizer tokenizer, TokenizerConfig config, ChatTemplate? template, ModelSpec spec)
    {
        (Tokenizer, this.template, images, fixedOpening) = (tokenizer, template, spec.Images, spec.Conversation is not null);
        specialTokens = config.SpecialTokenTexts();
        if (config.Eos is { } end) EndToken = tokenizer.TokenToId(end.Content);
    }

    public Tokenizer Tokenizer { get; }

    /// <summary>The tokenizer's own end of a text, where it has one.</summary>
    public int? EndToken { get; }

    /// <summary>The id that stands for pictures; null where the model takes none.</summary>
    public int? Placeholder => images?.Placeholder;

    /// <summary>What stands for a picture in a prompt.</summary>
    public string Marker => images?.Marker ?? ImagePrompt.DefaultMarker;

    /// <summary>Reads tokenizer and template of a checkpoint.</summary>
    /// <exception cref="MmkException">MMK400 to MMK413, MMK430 to MMK443: one of them is missing or wrong.</exception>
    public static ConversationFormat Load(ModelSpec spec, ModelFiles files)
    {
        // Some files still have the truncation and padding of their training; prompts are taken whole, as transformers takes them.
        Tokenizer tokenizer = Tokenizer.Load(File.Exists(files.Tokenizer) ? files.Tokenizer : files.Folder).With(truncation: null, padding: null);
        string? text = spec.Conversation?.Template ?? ChatTemplateFiles.Find(files.Folder).GetValueOrDefault("default");
        return new ConversationFormat(tokenizer, TokenizerConfig.Open(files.Folder), text is null ? null : ChatTemplate.Compile(text), spec);
    }

    /// <summary>A conversation's first message, which says how to answer.</summary>
    /// <exception cref="MmkException">MMK717: this model's conversations have none.</exception>
    public Message System(string text)
    {
        if (template is null) throw EngineErrors.NoSystem("the checkpoint has no chat template");
        if (fixedOpening) throw EngineErrors.NoSystem("this model's conversations begin with a text of their own");
        return new Message(Message.SystemRole, text);
    }

    /// <summary>A question, and whether it is a whole prompt.</summary>
    /// <exception cref="MmkException">MMK710: it has pictures or markers and the model takes none. MMK717: a whole prompt after a system text.</exception>
    public Message Question(string prompt, int pictures, string system, bool afterSystem)
    {
        var question = new Message(Message.User, prompt, pictures, IsComplete: prompt.Contains(Marker, StringComparison.Ordinal));
        if (images is null && (pictures > 0 || question.IsComplete)) throw EngineErrors.NoPictures(system);
        if (afterSystem && question.IsComplete) throw EngineErrors.NoSystem($"a prompt with {Marker} is whole");
        return question;
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
