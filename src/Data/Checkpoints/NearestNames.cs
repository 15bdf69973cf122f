namespace MmKernels.Data;

/// <summary>Names that somebody who wrote a wrong one may have meant.</summary>
public static class NearestNames
{
    private const int MaxLength = 256, MaxNames = 100_000;

    /// <summary>The <paramref name="count"/> names with the smallest edit distance, nearest first, equal ones in ordinal order.</summary>
    public static List<string> Find(string wanted, IEnumerable<string> names, int count = 5)
    {
        string cut = Cut(wanted);
        var row = new int[MaxLength + 1];
        var nearest = new List<(int Distance, string Name)>(count + 1);
        foreach (string name in names.Take(MaxNames))
        {
            string other = Cut(name);
            // The difference in length is the least that the distance can be.
            if (nearest.Count == count && Math.Abs(other.Length - cut.Length) > nearest[^1].Distance) continue;
            (int Distance, string Name) found = (Distance(cut, other, row), name);
            int at = nearest.Count;
            while (at > 0 && (found.Distance < nearest[at - 1].Distance || (found.Distance == nearest[at - 1].Distance && string.CompareOrdinal(name, nearest[at - 1].Name) < 0))) at--;
            nearest.Insert(at, found);
            if (nearest.Count > count) nearest.RemoveAt(count);
        }
        return nearest.ConvertAll(pair => pair.Name);
    }

    private static string Cut(string name) => name.Length <= MaxLength ? name : name[..MaxLength];

    /// <summary>Levenshtein distance. What both begin and end with costs nothing: weights' names differ in the middle.</summary>
    private static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int[] row)
    {
        int begin = a.CommonPrefixLength(b);
        a = a[begin..];
        b = b[begin..];
        while (a.Length > 0 && b.Length > 0 && a[^1] == b[^1])
        {
            a = a[..^1];
            b = b[..^1];
        }
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
