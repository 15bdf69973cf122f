using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MmKernels.Data;

/// <summary>
/// The part of YAML that configs of original repositories use, turned into JSON: block mappings and lists, flow lists and mappings on one line,
/// quoted and plain scalars with the types of PyYAML and OmegaConf, literal and folded blocks, comments.
/// Anchors, aliases, tags, directives, several documents and scalars that continue on the next line are refused with their line.
/// </summary>
public static class YamlText
{
    /// <summary>Largest file that is read: published ones stay below 100 kB.</summary>
    public const int MaxBytes = 16 << 20;

    internal const int MaxDepth = JsonText.DefaultMaxDepth - 2;

    /// <summary>The JSON text that says the same. Infinities and NaN become the strings that <see cref="ConfigObject"/> reads as numbers.</summary>
    /// <param name="utf8">The YAML text.</param>
    /// <param name="file">The name in errors.</param>
    /// <exception cref="MmkException">MMK419, with the line.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> utf8, string file)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8)) throw DataErrors.Yaml(file, 1, "it is not UTF-8 text");
        var buffer = new ArrayBufferWriter<byte>(utf8.Length + 256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = JsonText.DefaultMaxDepth }))
            new YamlParser(Encoding.UTF8.GetString(utf8), file, json).Document();
        return buffer.WrittenSpan.ToArray();
    }
}
