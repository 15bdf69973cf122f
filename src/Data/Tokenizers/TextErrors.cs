namespace MmKernels.Data.Tokenizers;

/// <summary>Errors of tokenizers and chat templates: MMK430 to MMK459.</summary>
internal static class TextErrors
{
    public static MmkException NotFound(string path) => new(430, $"there is no tokenizer at {path}",
        "Give a folder that holds tokenizer.json, vocab.json and merges.txt, vocab.txt, a .tiktoken or a sentencepiece .model file, or the path of such a file");

    public static MmkException Unreadable(string path, Exception inner) => new(430, $"{path} cannot be read: {inner.Message}", null, inner);

    public static MmkException TooLarge(string name, long bytes, long limit) => new(430, $"{name} has {bytes} bytes, the limit is {limit}");

    public static MmkException NotJson(string name, string detail) => new(431, $"{name} is not JSON: {detail}");

    public static MmkException WrongField(string place, string problem) => new(432, $"{place}: {problem}");

    public static MmkException UnknownType(string place, string type, string known) => new(433, $"{place}: the type \"{Short(type)}\" is not known", $"Known types: {known}");

    public static MmkException Vocabulary(string place, string problem) => new(434, $"{place}: {problem}");

    public static MmkException Regex(string place, string pattern, int at, string problem)
        => new(435, $"{place}: the regular expression {Short(pattern)} is wrong at character {at}: {problem}");

    public static MmkException RegexTooSlow(string pattern, int length)
        => new(436, $"the regular expression {Short(pattern)} takes too many steps on a text of {length} characters");

    public static MmkException UnknownId(int id, int count) => new(437, $"the id {id} is not in the vocabulary of {count} tokens");

    public static MmkException NoUnknownToken(string problem) => new(438, problem, "Add the unknown token to the vocabulary or use a model with byte fallback");

    public static MmkException Truncation(string problem) => new(439, problem);

    public static MmkException TemplateSyntax(string name, int line, string problem, string type = "TemplateSyntaxError") => new(440, $"{name}, line {line}: {type}: {problem}");

    /// <summary>What the reference would raise while rendering, by its exception's name.</summary>
    public static MmkException TemplateFailed(string type, string problem) => new(441, $"{type}: {problem}");

    public static MmkException TemplateFailedAt(string name, int line, string problem) => new(441, $"{name}, line {line}: {problem}");

    public static MmkException TemplateLimit(string problem) => new(442, problem, "A chat template needs far less; check it for endless loops");

    public static MmkException TemplateRaised(string message) => new(443, $"the chat template refuses the messages: {message}");

    public static MmkException CharsMap(string place, string problem) => new(446, $"{place}: the character map is damaged: {problem}");

    public static MmkException SentencePiece(string name, string problem) => new(447, $"{name} is not a readable sentencepiece model: {problem}");

    public static MmkException VocabularyFile(string name, int line, string problem) => new(448, $"{name}, line {line}: {problem}");

    public static MmkException Growth(long length) => new(449, $"the tokenizer's stages make more than {length} characters of one text", "Check its Replace, Prepend and ByteLevel stages");

    public static MmkException NoTemplate(string path) => new(444, $"there is no chat template in {path}",
        "A folder holds one as chat_template.jinja, as chat_template.json or as the key chat_template of tokenizer_config.json");

    public static MmkException NotAValue(string place, string type) => new(445, $"{place}: a value of the type {type} cannot be handed to a chat template",
        "Use null, bool, numbers, strings, lists, dictionaries with string keys, or JsonElement");

    /// <summary>At most 60 characters of text that came from a file.</summary>
    public static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
