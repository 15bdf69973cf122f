namespace MmKernels.Data.Tokenizers;

/// <summary>The Script property.</summary>
internal static class Scripts
{
    /// <summary>What code points without a script have.</summary>
    public const byte Unknown = 255;

    /// <summary>The number of a script by its lower-case name without spaces, or null.</summary>
    public static byte? Find(string name)
    {
        int script = UnicodeTables.Instance.ScriptNames.IndexOf(name);
        return script < 0 ? null : (byte)script;
    }

    public static byte Of(int code)
    {
        List<(int First, int Last, byte Script)> ranges = UnicodeTables.Instance.Scripts;
        int low = 0, high = ranges.Count - 1;
        while (low <= high)
        {
            int middle = low + high >> 1;
            if (code < ranges[middle].First) high = middle - 1;
            else if (code > ranges[middle].Last) low = middle + 1;
            else return ranges[middle].Script;
        }
        return Unknown;
    }
}
