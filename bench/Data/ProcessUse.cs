using System.Globalization;

namespace MmKernels.Bench;

/// <summary>What the kernel counts for this process, in bytes (Linux): read calls, blocks fetched from disks, resident and peak memory.</summary>
public readonly record struct ProcessUse(long ReadCalls, long Fetched, long Resident, long ResidentFiles, long Peak)
{
    public static ProcessUse Now() => new(Field("/proc/self/io", "rchar:"), Field("/proc/self/io", "read_bytes:"),
        1024 * Field("/proc/self/status", "VmRSS:"), 1024 * Field("/proc/self/status", "RssFile:"), 1024 * Field("/proc/self/status", "VmHWM:"));

    private static long Field(string file, string name)
    {
        foreach (string line in File.ReadLines(file))
            if (line.StartsWith(name, StringComparison.Ordinal)) return long.Parse(line[name.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
        return 0;
    }
}
