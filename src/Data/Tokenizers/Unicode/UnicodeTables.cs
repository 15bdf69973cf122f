using System.Globalization;
using System.Reflection;

namespace MmKernels.Data.Tokenizers;

/// <summary>Scripts, combining classes and decompositions, which .NET does not offer under invariant globalization; read once from the embedded table.</summary>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Loaded = new(() => new UnicodeTables());

    private UnicodeTables()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("MmKernels.Data.unicode.txt")!;
        using var reader = new StreamReader(stream);
        string section = "";
        while (reader.ReadLine() is string line)
        {
            if (line.StartsWith('#')) continue;
            if (!line.AsSpan().ContainsAny(" =!~")) section = line;
            else if (section == "decompositions") AddDecomposition(line);
            else AddRange(section, line.Split(' '));
        }
    }

    public static UnicodeTables Instance => Loaded.Value;

    /// <summary>Names of scripts in lower case without underscores; the index is the script's number.</summary>
    public List<string> ScriptNames { get; } = [];

    /// <summary>Ranges in order, with the script's number.</summary>
    public List<(int First, int Last, byte Script)> Scripts { get; } = [];

    /// <summary>Canonical combining classes other than 0.</summary>
    public Dictionary<int, byte> Classes { get; } = [];

    /// <summary>One step of canonical decomposition.</summary>
    public Dictionary<int, int[]> Canonical { get; } = [];

    /// <summary>One step of compatibility decomposition, where it is not canonical.</summary>
    public Dictionary<int, int[]> Compatible { get; } = [];

    /// <summary>Pairs that compose.</summary>
    public Dictionary<(int, int), int> Compositions { get; } = [];

    private void AddRange(string section, string[] fields)
    {
        (int first, int last) = (Hex(fields[0]), Hex(fields[1]));
        if (section == "scripts")
        {
            string name = fields[2].Replace("_", "").ToLowerInvariant();
            int script = ScriptNames.IndexOf(name);
            if (script < 0)
            {
                script = ScriptNames.Count;
                ScriptNames.Add(name);
            }
            Scripts.Add((first, last, (byte)script));
        }
        else
            for (int code = first; code <= last; code++) Classes[code] = byte.Parse(fields[2], CultureInfo.InvariantCulture);
    }

    private void AddDecomposition(string line)
    {
        int kind = line.AsSpan().IndexOfAny('=', '!', '~'), code = Hex(line[..kind]);
        int[] parts = [.. line[(kind + 1)..].Split(' ').Select(Hex)];
        (line[kind] == '~' ? Compatible : Canonical)[code] = parts;
        if (line[kind] == '=') Compositions[(parts[0], parts[1])] = code;
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
