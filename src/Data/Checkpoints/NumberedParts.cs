using System.Globalization;
using System.Text.RegularExpressions;

namespace MmKernels.Data;

/// <summary>Files that were split without an index: <c>name-00001-of-00003.gguf</c>, <c>name-00001-of-00003.safetensors</c>.</summary>
internal static partial class NumberedParts
{
    /// <summary>More parts than any published checkpoint has.</summary>
    private const int MaxParts = 10_000;

    [GeneratedRegex(@"^(?<name>.*)-(?<part>\d{5})-of-(?<parts>\d{5})(?<ending>\.gguf|\.safetensors)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    /// <summary>True for the name of part 1.</summary>
    public static bool IsFirst(string fileName) => Pattern().Match(fileName) is { Success: true } match && match.Groups["part"].Value == "00001";

    /// <summary>True for the name of a later part.</summary>
    public static bool IsLater(string fileName) => Pattern().Match(fileName) is { Success: true } match && match.Groups["part"].Value != "00001";

    /// <summary>
    /// The files to open for <paramref name="source"/>: all parts where it is the first of several, else itself. A safetensors file that the caller named is
    /// opened alone, because each is complete by itself; a first GGUF part stands for all, as in llama.cpp.
    /// </summary>
    /// <param name="source">The file that was found.</param>
    /// <param name="asked">What the caller named: the same file, or its folder.</param>
    /// <exception cref="MmkException">MMK406: a part is missing.</exception>
    public static IReadOnlyList<string> Of(string source, string asked)
    {
        Match match = Pattern().Match(Path.GetFileName(source));
        bool alone = source == asked && !source.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        if (!match.Success || alone || match.Groups["part"].Value != "00001") return [source];
        int parts = int.Parse(match.Groups["parts"].Value, CultureInfo.InvariantCulture);
        if (parts is 0 or > MaxParts) throw DataErrors.ShardIndex(source, $"its name says {parts} parts, from 1 to {MaxParts} are read");
        string folder = Path.GetDirectoryName(source) ?? "";
        var paths = new string[parts];
        for (int i = 0; i < parts; i++)
        {
            paths[i] = Path.Combine(folder, $"{match.Groups["name"].Value}-{i + 1:00000}-of-{match.Groups["parts"].Value}{match.Groups["ending"].Value}");
            if (!File.Exists(paths[i])) throw DataErrors.ShardIndex(source, $"part {i + 1} of {parts} is missing");
        }
        return paths;
    }
}
