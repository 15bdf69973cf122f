namespace MmKernels.Data;

/// <summary>Names that somebody who wrote a wrong one may have meant.</summary>
public static class NearestNames
{
    private const int MaxLength = 256;

    /// <summary>The <paramref name="count"/> names with the smallest edit distance, nearest first.</summary>
    public static List<string> Find(string wanted, IEnumerable<string> names, int count = 5)
    {
        string cut = Cut(wanted);
        var distances = new int[MaxLength + 1];
        return [.. names.Select(name => (name, distance: Distance(cut, Cut(name), distances)))
            .OrderBy(pair => pair.distance).ThenBy(pair => pair.name, StringComparer.Ordinal).Take(count).Select(pair => pair.name)];
    }

    private static string Cut(string name) => name.Length <= MaxLength ? name : name[..MaxLength];

    /// <summary>Levenshtein distance.</summary>
    private static int Distance(string a, string b, int[] row)
    {
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
