namespace MmKernels.Tests;

/// <summary>The PTX files of every fixture root.</summary>
internal static class Corpus
{
    /// <summary>Folders of cases; a case that lies in two roots of the repository comes once.</summary>
    public static IEnumerable<string> Cases() => Folders("").Where(f => Path.GetFileName(f) != "bad");

    /// <summary>Folders of files that must be refused.</summary>
    public static IEnumerable<string> Bad() => Folders("bad");

    private static IEnumerable<string> Folders(string below)
        => Goldens.Folders("ptx", firstOfRepository: true)
            .Select(root => Path.Combine(root, below))
            .Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories)
            .Where(f => File.Exists(Path.Combine(f, "kernel.ptx")))
            .Order(StringComparer.Ordinal);
}
