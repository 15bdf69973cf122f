using System.Text.Json;
using System.Text.Unicode;

namespace MmKernels.Data;

/// <summary>
/// Reads JSON that nobody vouches for: size and depth are bounded, the text is valid UTF-8, and every string in it can be decoded,
/// so that no accessor of the returned document throws over its content. Only <see cref="MmkException"/> escapes.
/// </summary>
public static class JsonText
{
    /// <summary>Largest JSON file that is read unless the caller says otherwise: the largest published tokenizer.json has about 35 MB.</summary>
    public const int DefaultMaxBytes = 256 << 20;

    /// <summary>Deepest nesting that is read; published configs stay below 10.</summary>
    public const int DefaultMaxDepth = 64;

    /// <summary>Reads and parses one file.</summary>
    /// <exception cref="MmkException">MMK400 unreadable, MMK401 not JSON, MMK402 too large or too deep.</exception>
    public static JsonDocument ParseFile(string path, int maxBytes = DefaultMaxBytes, int maxDepth = DefaultMaxDepth)
        => Parse(ReadFile(path, maxBytes), path, maxDepth);

    /// <summary>Parses JSON from memory; <paramref name="origin"/> is the file named in errors. A byte order mark is skipped.</summary>
    /// <exception cref="MmkException">MMK401 not JSON, MMK402 too deep.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string origin, int maxDepth = DefaultMaxDepth)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8.Span)) throw DataErrors.JsonMalformed(origin, "", "it is not UTF-8 text");
        // Python writes and reads Infinity and NaN, JSON has neither: a config that holds one is parsed with the words quoted.
        if (NamedNumbers.Quote(utf8.Span) is { } quoted) utf8 = quoted;
        try
        {
            if (FindHalfPair(utf8.Span, maxDepth) is var position and >= 0) throw DataErrors.JsonMalformed(origin, $"byte {position}", "an escape is half a surrogate pair");
            return JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = maxDepth });
        }
        catch (JsonException e)
        {
            if (e.Message.Contains("maximum configured depth", StringComparison.Ordinal)) throw DataErrors.JsonLimit(origin, $"nesting deeper than {maxDepth}");
            throw DataErrors.JsonMalformed(origin, $"line {e.LineNumber + 1} byte {e.BytePositionInLine + 1}", DataErrors.Show(FirstSentence(e.Message)), e);
        }
    }

    /// <summary>The bytes of a file of bounded size.</summary>
    /// <exception cref="MmkException">MMK400 unreadable, MMK402 larger than <paramref name="maxBytes"/>.</exception>
    public static byte[] ReadFile(string path, int maxBytes = DefaultMaxBytes)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (file.Length > maxBytes) throw DataErrors.JsonLimit(path, $"{file.Length} bytes where at most {maxBytes} are read");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw DataErrors.FileUnreadable(path, DataErrors.Show(e.Message), e);
        }
    }

    /// <summary>
    /// Where a string has an escape that is half a surrogate pair, or -1: such a string would throw later, when somebody reads it, or looks for another key.
    /// </summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    internal static long FindHalfPair(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        if (utf8.IndexOf("\\ud"u8) < 0 && utf8.IndexOf("\\uD"u8) < 0) return -1;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped) continue;
            try { reader.GetString(); }
            catch (InvalidOperationException) { return reader.TokenStartIndex; }
        }
        return -1;
    }

    private static string FirstSentence(string message)
    {
        int position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position].TrimEnd('.');
    }
}
