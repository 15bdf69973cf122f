namespace MmKernels.Engine;

/// <summary>The errors of the engine: numbers 700 to 799.</summary>
internal static class EngineErrors
{
    public static MmkException Temperature(double temperature)
        => new(700, FormattableString.Invariant($"{temperature} is no temperature"), "Give 0 (the most probable token each time) or a positive number");

    public static MmkException NoEmbeddedModel(string folder)
        => new(701, $"the model that comes with the program is not at {folder}", "Build the program again, or name a checkpoint folder");

    public static MmkException Busy()
        => new(702, "the session is still answering", "Wait for the end of the answer, or cancel it");

    public static MmkException MaxTokens(int tokens)
        => new(703, $"at most {tokens} new tokens are asked for", "Ask for at least 1");

    public static MmkException NoReference(string folder, string file)
        => new(704, $"{folder} is no golden folder: it has no {file}", "Give a folder with reference.json, reference.safetensors, config.json and model.safetensors");

    public static MmkException BadReference(string path, string problem)
        => new(705, $"{path} is no description of a reference: {problem}");

    public static MmkException EmptyPrompt()
        => new(707, "the prompt is empty", "Ask something");

    public static MmkException OutOfMemory(string path, Exception inner)
        => new(708, $"there is not enough memory to load {path}", "Use a smaller model, or a machine with more memory", inner);

    public static MmkException NoText(string system)
        => new(709, $"this model ({system}) makes no text", "Load a model with a language model");

    public static MmkException NoPictures(string system)
        => new(710, $"this model ({system}) cannot look at pictures", "Leave the images and <image> markers out, or load a model with a vision tower");

    public static MmkException TooManyTokens(int tokens, int context)
        => new(711, $"the conversation has {tokens} tokens, the context holds {context} with the answer", "Ask a shorter question or start a new session");

    public static MmkException TokenOutOfRange(int id, int vocabulary)
        => new(712, $"the prompt holds the token {id}, the model knows 0 to {vocabulary - 1}", "Check that tokenizer.json belongs to this checkpoint");

    public static MmkException NoMessages(string problem)
        => new(714, $"the messages are no JSON array of messages: {problem}", """Give [{"role": "user", "content": "..."}, ...]""");

    public static MmkException NoWorkload(string filter, IEnumerable<string> known)
        => new(715, $"no kernel that is measured has `{filter}` in its name", $"Measured are {string.Join(", ", known)}");

    public static MmkException Option(string name, object value, string hint)
        => new(716, FormattableString.Invariant($"the option {name} is {value}"), hint);

    public static MmkException NoSystem(string reason)
        => new(717, $"no system text can be set: {reason}", "Leave it out, or put its words into the question");

    public static MmkException NoQuestions()
        => new(718, "no question is asked", "Give at least one");

    public static MmkException LogUnwritable(string path, Exception inner)
        => new(719, $"{path} cannot be written: {inner.Message}", "Name a file in a folder that exists and may be written to", inner);

    public static MmkException QuestionNumber(int index, MmkException inner)
        => new(inner.Number, $"question {index}: {inner.Problem}", inner.Hint, inner);

    public static MmkException UnreadableList(string path, Exception inner)
        => new(720, $"the kernel list {path} cannot be read: {inner.Message}", "Give a text file with a kernel and the size of its groups on each line; `mmk run --kernel-list FILE` writes one", inner);

    public static MmkException NoAssembly(string path, Exception inner)
        => new(721, $"{path} is no assembly that can be loaded: {inner.Message}", inner: inner);
}
