using System.Text;

namespace MmKernels.Models;

/// <summary>The errors of the models: numbers 600 to 699.</summary>
internal static class ModelErrors
{
    private const int Listed = 40;

    public static MmkException Weights(string source, IReadOnlyList<string> problems)
    {
        var text = new StringBuilder($"{source} does not hold the weights that its config asks for ({problems.Count} problem{(problems.Count == 1 ? "" : "s")}):");
        foreach (string problem in problems.Take(Listed)) text.Append("\n  ").Append(problem);
        if (problems.Count > Listed) text.Append($"\n  and {problems.Count - Listed} more");
        return new(600, text.Append("\n ").ToString(), "Check that the weights and config.json belong together and that the download is complete");
    }

    public static MmkException UnknownSystem(string path, string? modelType, IEnumerable<string> known)
        => new(601, $"{path} describes a system of an unknown kind (model_type {(modelType is null ? "is missing" : $"`{modelType}`")})", $"Known are {string.Join(", ", known)}");

    public static MmkException NotACheckpoint(string path, string reason)
        => new(602, $"{path} is no checkpoint: {reason}", "Give a folder with config.json, tokenizer.json and model.safetensors, as Hugging Face's hub holds them");

    public static MmkException Config(string path, string key, string problem)
        => new(603, $"`{key}` in {path} {problem}");

    public static MmkException NoVisionTower(string name, IEnumerable<string> places)
        => new(604, $"the weights of the vision tower `{name}` are not in the checkpoint", $"Looked for {string.Join(", ", places)}");

    public static MmkException ImageCount(int markers, int images)
        => new(606, $"the prompt has {markers} <image> marker{(markers == 1 ? "" : "s")} but {images} image{(images == 1 ? " is" : "s are")} given",
            markers > images ? "Give one image for every <image>" : "Write one <image> for every image, or none at all to have them placed first");

    public static MmkException NoImages(string system)
        => new(607, $"this model ({system}) cannot look at pictures", "Leave the images out, or load a model with a vision tower");

    public static MmkException WeightType(string tensor, string format)
        => new(610, $"the tensor {tensor} is stored as {format}, which no kernel computes with", "Use a checkpoint in F32, F16 or BF16");

    public static MmkException Unsupported(string path, string what)
        => new(611, $"{path} asks for {what}, which is not supported");

    public static MmkException Border(int tokens)
        => new(624, $"the conversation has pictures and grows beyond {tokens} tokens, from where on this model reads all of it with other rotary factors", "Begin a new conversation with the whole text");

    public static MmkException Placeholders(int rows, int tokens, int images)
        => new(612, $"the prompt has {rows} image rows, its {images} picture{(images == 1 ? "" : "s")} make{(images == 1 ? "s" : "")} {tokens}");

    public static MmkException PictureSize(int width, int height, int expected)
        => new(613, $"the preprocessing makes pictures of {width} x {height} pixels, the vision tower was trained on {expected} x {expected}",
            "Check that preprocessor_config.json belongs to this checkpoint");

    public static MmkException NoToken()
        => new(620, "no token can be chosen: the model's logits are NaN, or none of them is above minus infinity",
            "Check the weights, and that the penalties and suppressed tokens leave some tokens");

    public static MmkException NoBatch(string what)
        => new(621, $"sequences of this model cannot be decoded side by side: {what}", "Ask one question at a time, in sessions");

    public static MmkException BatchLength(int tokens)
        => new(622, $"a sequence of {tokens} tokens reaches beyond the length up to which the model's rotary frequencies are the same for all sequences, so that it cannot be decoded beside others",
            "Ask for fewer new tokens, or ask this question in a session");

    public static MmkException NoShape(string name, IEnumerable<string> known)
        => new(623, $"there is no shape named `{name}`", $"Known are {string.Join(", ", known)}");
}
