namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>
/// A chat template: the Jinja subset of transformers' apply_chat_template, rendered as that renders it.
/// A template sees only the values that it is handed; it cannot reach files, types of .NET or run without bounds.
/// Immutable and safe for use by several threads.
/// </summary>
public sealed class ChatTemplate
{
    private const int LongestSource = 1 << 22;
    private readonly List<Statement> body;
    private readonly string name;
    private IReadOnlyDictionary<string, string> specialTokens = new Dictionary<string, string>();

    private ChatTemplate(List<Statement> body, string source, string name) => (this.body, Source, this.name) = (body, source, name);

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Reads a template; <paramref name="name"/> stands for it in messages.</summary>
    /// <exception cref="MmkException">MMK440: a syntax error, with its line.</exception>
    public static ChatTemplate Compile(string source, string name = "chat template")
    {
        if (source.Length > LongestSource) throw TextErrors.TooLarge(name, source.Length, LongestSource);
        return new ChatTemplate(TemplateParser.Parse(source, name), source, name);
    }

    /// <summary>
    /// Loads the template of a checkpoint folder (see <see cref="ChatTemplateFiles"/>) together with the special tokens of its tokenizer, which every rendering sees.
    /// </summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="variant">Which one of several named templates; the one named default where absent.</param>
    /// <exception cref="MmkException">MMK440: a syntax error; MMK444: there is no template; MMK400 to MMK413: a file is wrong.</exception>
    public static ChatTemplate Load(string folder, string? variant = null)
    {
        if (!ChatTemplateFiles.FindFiles(folder).TryGetValue(variant ?? "default", out (string Text, string File) found)) throw TextErrors.NoTemplate(folder);
        ChatTemplate template = Compile(found.Text, found.File);
        template.specialTokens = TokenizerConfig.Open(folder).SpecialTokenTexts();
        return template;
    }

    /// <summary>bos_token, eos_token and so on, for a template that was loaded with its folder.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens => specialTokens;

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">Each a dictionary with role and content; see <see cref="Render(IReadOnlyDictionary{string, object?}, DateTime?, TemplateLimits?)"/> for the values that are allowed.</param>
    /// <param name="addGenerationPrompt">Whether to end with what makes the model answer.</param>
    /// <param name="specialTokens">bos_token, eos_token and so on; they replace those of the folder.</param>
    /// <param name="variables">Further variables (tools, documents, …); they replace the others.</param>
    /// <exception cref="MmkException">MMK441: the template fails; MMK442: it exceeds a limit; MMK443: it refuses the messages.</exception>
    public string Render(IEnumerable<object?> messages, bool addGenerationPrompt = false, IReadOnlyDictionary<string, string>? specialTokens = null,
        IReadOnlyDictionary<string, object?>? variables = null)
    {
        var all = new Dictionary<string, object?>();
        foreach ((string key, string value) in specialTokens ?? new Dictionary<string, string>()) all[key] = value;
        all["messages"] = messages;
        all["add_generation_prompt"] = addGenerationPrompt;
        foreach ((string key, object? value) in variables ?? new Dictionary<string, object?>()) all[key] = value;
        return Render(all);
    }

    /// <summary>Renders with these variables.</summary>
    /// <param name="variables">null, bool, numbers, strings, lists, dictionaries with string keys and JsonElement, nested at will; tools and documents are null where absent.</param>
    /// <param name="now">What strftime_now shows; the local time where absent.</param>
    /// <param name="limits">Bounds of the rendering.</param>
    /// <exception cref="MmkException">MMK441: the template fails; MMK442: it exceeds a limit; MMK443: it refuses the messages.</exception>
    public string Render(IReadOnlyDictionary<string, object?> variables, DateTime? now = null, TemplateLimits? limits = null)
    {
        var scope = new Scope(null);
        Globals.AddTo(scope);
        scope["tools"] = null;
        scope["documents"] = null;
        foreach ((string key, string value) in specialTokens) scope[key] = value;
        foreach ((string key, object? value) in variables)
        {
            object? converted = PyValues.From(value, key);
            if (key == "messages") FillReasoning(converted);
            scope[key] = converted;
        }
        var renderer = new Renderer(limits ?? new TemplateLimits(), now ?? DateTime.Now);
        Budget? outer = Budget.Current;
        Budget.Current = renderer.Budget;
        try { return renderer.Render(body, scope); }
        catch (MmkException e) when (e.Number == 441) { throw TextErrors.TemplateFailedAt(name, renderer.Line, e.Problem); }
        finally { Budget.Current = outer; }
    }

    /// <summary>The names that templates use for a message's reasoning all show what one of them holds, as transformers does.</summary>
    private static void FillReasoning(object? messages)
    {
        if (messages is not PyList list) return;
        foreach (object? message in list.Items)
        {
            if (message is not PyDict fields) continue;
            if (!fields.TryGet("reasoning", out object? reasoning) && !fields.TryGet("thinking", out reasoning)) continue;
            foreach (string key in (ReadOnlySpan<string>)["reasoning_content", "thinking"])
                if (!fields.TryGet(key, out _)) fields[key] = reasoning;
        }
    }
}
