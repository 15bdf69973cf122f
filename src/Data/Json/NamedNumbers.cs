namespace MmKernels.Data;

/// <summary>Finds the words NaN, Infinity and -Infinity that Python's json module writes for numbers, which JSON does not have.</summary>
internal static class NamedNumbers
{
    private static readonly byte[][] words = ["-Infinity"u8.ToArray(), "Infinity"u8.ToArray(), "NaN"u8.ToArray()];

    /// <summary>The text with those words in quotes (the convention of System.Text.Json), or null where none stands outside a string.</summary>
    public static byte[]? Quote(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("Infinity"u8) < 0 && json.IndexOf("NaN"u8) < 0) return null;
        var quoted = new List<byte>(json.Length + 16);
        bool inString = false, found = false;
        for (int i = 0; i < json.Length; i++)
        {
            byte c = json[i];
            if (inString && c == '\\' && i + 1 < json.Length)
            {
                quoted.Add(c);
                c = json[++i];
            }
            else if (c == '"') inString = !inString;
            else if (!inString && c is (byte)'-' or (byte)'I' or (byte)'N' && WordAt(json[i..]) is { } word)
            {
                quoted.Add((byte)'"');
                quoted.AddRange(word);
                c = (byte)'"';
                i += word.Length - 1;
                found = true;
            }
            quoted.Add(c);
        }
        return found ? [.. quoted] : null;
    }

    private static byte[]? WordAt(ReadOnlySpan<byte> text)
    {
        foreach (byte[] word in words)
            if (text.StartsWith(word)) return word;
        return null;
    }
}
