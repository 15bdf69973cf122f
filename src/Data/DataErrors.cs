using System.Globalization;
using System.Text;

namespace MmKernels.Data;

/// <summary>
/// Every error of this floor, numbered. 400-429: checkpoint formats and configs · 430-459: tokenizers and templates ·
/// 460-489: images and preprocessing. Text and images keep their factories in their own partial files of this class.
/// </summary>
public static partial class DataErrors
{
    internal static MmkException FileUnreadable(string file, string reason, Exception? inner = null)
        => new(400, $"{Show(file)} cannot be read: {reason}", "Check the path and the permissions", inner);

    internal static MmkException JsonMalformed(string file, string place, string reason, Exception? inner = null)
        => new(401, $"{Show(file)} {place} is not valid JSON: {reason}", "The file is damaged or not what its name says: fetch it again", inner);

    internal static MmkException JsonLimit(string file, string reason)
        => new(402, $"{Show(file)} exceeds a limit: {reason}", "The file is damaged or hostile");

    internal static MmkException SafetensorsLength(string file, string reason, string? hint = null)
        => new(403, $"{Show(file)} is not a complete safetensors file: {reason}", hint ?? "Fetch the file again: it is cut off, or not a safetensors file");

    internal static MmkException SafetensorsHeader(string file, string reason, Exception? inner = null)
        => new(404, $"{Show(file)} has an invalid safetensors header: {reason}", "Fetch the file again, or write it with another tool", inner);

    internal static MmkException SafetensorsLayout(string file, string tensor, string reason)
        => new(405, $"{Show(file)} tensor {Quote(tensor)}: {reason}", "Tensors must tile the data without holes or overlaps; the file is damaged");

    internal static MmkException ShardIndex(string file, string reason)
        => new(406, $"{Show(file)} is not a usable shard index: {reason}", "Fetch the index and all of its shards from one revision");

    internal static MmkException NoCheckpoint(string path, string reason, string hint) => new(407, $"{Show(path)}: {reason}", hint);

    internal static MmkException TensorMissing(string checkpoint, string name, IReadOnlyList<string> nearest)
        => new(408, $"{Show(checkpoint)} has no tensor {Quote(name)}",
            nearest.Count == 0 ? "The checkpoint holds no tensors" : $"Nearest names: {string.Join(", ", nearest.Select(Quote))}");

    internal static MmkException TensorUnusable(string file, string tensor, string reason, string hint)
        => new(409, $"{Show(file)} tensor {Quote(tensor)} {reason}", hint);

    internal static MmkException FileUnwritable(string file, string reason, Exception inner)
        => new(414, $"{Show(file)} cannot be written: {reason}", "Check the folder, the permissions and the free space", inner);

    internal static MmkException TensorUnwritable(string file, string tensor, string reason)
        => new(415, $"{Show(file)} tensor {Quote(tensor)} cannot be written: {reason}");

    internal static MmkException TensorTwice(string file, string tensor, string other)
        => new(418, $"{Show(file)} and {Show(other)} both hold the tensor {Quote(tensor)}", "The parts are of different checkpoints: fetch them from one revision");

    internal static MmkException Yaml(string file, int line, string reason)
        => new(419, $"{Show(file)} line {line}: {reason}", "Only the part of YAML that configs need is read; write the value in JSON style on one line");

    internal static MmkException Gguf(string file, string reason)
        => new(416, $"{Show(file)} is not a usable GGUF file: {reason}", "Fetch the file again, or convert it with a current tool");

    internal static MmkException GgufTensor(string file, string tensor, string reason)
        => new(417, $"{Show(file)} tensor {Quote(tensor)}: {reason}", "Fetch the file again, or convert it with a current tool");

    internal static MmkException ConfigMissing(string file, string key, string expected, IReadOnlyList<string> nearest)
        => new(410, $"{Show(file)} has no key {Quote(key)}, which must be {expected}",
            nearest.Count == 0 ? null : $"Nearest keys there: {string.Join(", ", nearest.Select(Quote))}");

    internal static MmkException ConfigValue(string file, string key, string value, string expected)
        => new(411, $"{Show(file)} key {Quote(key)} is {Show(value, 120)} where {expected} is expected", "Correct the value or fetch the file again");

    internal static MmkException ConfigRoot(string file, string value)
        => new(412, $"{Show(file)} holds {Show(value, 120)} where an object of keys and values is expected", "Fetch the file again");

    internal static MmkException ChatTemplateConflict(string folder, string reason)
        => new(413, $"{Show(folder)}: {reason}", "Keep one of them: chat_template.jinja is the modern place");

    internal static MmkException Quantised(string file, string method)
        => new(420, $"{Show(file)} says that the weights are quantised by {Quote(method)}, which is not supported", "Use the checkpoint with F32, F16 or BF16 weights that it was made from");

    /// <summary>A name from a file as it may appear in a message: quoted, control characters escaped, cut at 120 characters.</summary>
    public static string Quote(string name) => $"'{Show(name, 120)}'";

    /// <summary>Text from a file or a path as it may appear in a message: control characters escaped, cut at <paramref name="limit"/> characters.</summary>
    public static string Show(string text, int limit = 400)
    {
        bool plain = text.Length <= limit;
        for (int i = 0; plain && i < text.Length; i++) plain = !NeedsEscape(text, i);
        if (plain) return text;
        var shown = new StringBuilder();
        for (int i = 0; i < text.Length && i < limit; i++)
        {
            if (NeedsEscape(text, i)) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            else shown.Append(text[i]);
        }
        if (text.Length > limit) shown.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)");
        return shown.ToString();
    }

    /// <summary>Control and format characters (which can reorder what a reader sees), and halves of surrogate pairs.</summary>
    private static bool NeedsEscape(string text, int i) => char.IsSurrogate(text[i])
        ? !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) && !(i > 0 && char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]))
        : char.GetUnicodeCategory(text[i]) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
