namespace MmKernels.Tests;

/// <summary>Case folders of every fixture root; a case that lies in two roots of the repository comes once.</summary>
internal static class PtxCases
{
    public static IEnumerable<string> Folders()
        => Goldens.Folders("ptx", firstOfRepository: true)
            .SelectMany(Directory.GetDirectories)
            .Where(f => File.Exists(Path.Combine(f, "case.json")))
            .Order(StringComparer.Ordinal);
}
