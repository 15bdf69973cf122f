using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Lines of a vocabulary file.</summary>
internal static class TextLines
{
    private static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>The lines with their numbers, from 1; a last line without an end counts, an empty one after the last end does not.</summary>
    public static IEnumerable<(int Number, string Line)> Of(ReadOnlyMemory<byte> utf8, string name)
    {
        int number = 1;
        for (int start = 0; start < utf8.Length; number++)
        {
            int length = utf8.Span[start..].IndexOf((byte)'\n');
            int end = length < 0 ? utf8.Length : start + length;
            yield return (number, Decode(utf8[start..end].Span, name, number));
            start = end + 1;
        }
    }

    private static string Decode(ReadOnlySpan<byte> line, string name, int number)
    {
        if (line.EndsWith("\r"u8)) line = line[..^1];
        try { return Strict.GetString(line); }
        catch (DecoderFallbackException) { throw TextErrors.VocabularyFile(name, number, "the line is not valid UTF-8"); }
    }
}
