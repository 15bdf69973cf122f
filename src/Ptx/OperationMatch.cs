namespace MmKernels.Ptx;

/// <summary>Matches modifiers against a row of the table, and explains why none fits.</summary>
internal static class OperationMatch
{
    /// <summary>Whether the row takes these modifiers; where only something is missing, <paramref name="lacks"/> says what.</summary>
    public static bool TryMatch(IsaRow row, string[] modifiers, out string? lacks)
    {
        lacks = null;
        ulong used = 0;
        bool anything = Array.Exists(row.Groups, g => g[0] == "*");
        foreach (string modifier in Join(modifiers, row))
        {
            int group = FindGroup(row, modifier, used);
            if (group >= 0) used |= 1ul << group;
            else if (!anything) return false;
        }
        for (int g = 0; g < row.Groups.Length; g++)
        {
            if ((used >> g & 1) != 0 || row.Optional[g] || row.Groups[g][0] == "*") continue;
            lacks = row.Groups[g].Length == 1 ? $".{row.Groups[g][0]}" : $"one of .{string.Join(" .", row.Groups[g])}";
            return false;
        }
        return true;
    }

    /// <summary>One sentence for the user.</summary>
    public static string Explain(string text, ReadOnlySpan<IsaRow> forms, string[] modifiers, string? missing)
    {
        string mnemonic = forms[0].Mnemonic;
        foreach (string modifier in modifiers)
        {
            bool anywhere = false;
            foreach (IsaRow row in forms) anywhere |= Array.Exists(row.Groups, g => Array.Exists(g, w => w == modifier || w.StartsWith(modifier + ".") || w.EndsWith("." + modifier)));
            if (!anywhere) return $"unknown modifier `.{modifier}` of `{mnemonic}`";
        }
        return missing is null ? $"`{text}`: no form of `{mnemonic}` takes these modifiers together" : $"`{text}` needs {missing}";
    }

    private static int FindGroup(IsaRow row, string modifier, ulong used)
    {
        for (int g = 0; g < row.Groups.Length; g++)
            if ((used >> g & 1) == 0 && Array.IndexOf(row.Groups[g], modifier) >= 0) return g;
        return -1;
    }

    /// <summary>Puts modifiers together that the row writes as one with a dot inside, such as <c>xorsign.abs</c>.</summary>
    private static IEnumerable<string> Join(string[] modifiers, IsaRow row)
    {
        for (int i = 0; i < modifiers.Length; i++)
        {
            if (i + 1 < modifiers.Length)
            {
                string joined = $"{modifiers[i]}.{modifiers[i + 1]}";
                if (Array.Exists(row.Groups, g => Array.IndexOf(g, joined) >= 0))
                {
                    yield return joined;
                    i++;
                    continue;
                }
            }
            yield return modifiers[i];
        }
    }
}
