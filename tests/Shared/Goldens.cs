namespace MmKernels.Tests;

/// <summary>
/// Finds recorded fixtures: tests/goldens in the repository, then shared/goldens beside it, then the roots named in MMK_GOLDENS
/// (separated by the path separator). Data-driven tests enumerate all of them, so that further fixtures of the same layout run through the same tests.
/// </summary>
public static class Goldens
{
    /// <summary>The repository's root: the nearest folder above the test binary that holds MmKernels.sln.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Existing roots, in order of precedence.</summary>
    public static IReadOnlyList<string> Roots { get; } = FindRoots();

    /// <summary>
    /// Every folder <paramref name="name"/> (for example <c>images</c>) under the roots. Folders of tests/goldens hide the same folder of shared/goldens
    /// only where <paramref name="firstOfRepository"/> is set: then the first of the two is returned, followed by those of MMK_GOLDENS.
    /// </summary>
    public static IEnumerable<string> Folders(string name, bool firstOfRepository = false)
    {
        bool found = false;
        for (int i = 0; i < Roots.Count; i++)
        {
            string folder = Path.Combine(Roots[i], name);
            bool repository = i < repositoryRoots;
            if (!Directory.Exists(folder) || (repository && found && firstOfRepository)) continue;
            found |= repository;
            yield return folder;
        }
    }

    /// <summary>The first root's folder of that name, or null where no root has it.</summary>
    public static string? Folder(string name) => Folders(name).FirstOrDefault();

    private static int repositoryRoots;

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MmKernels.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no MmKernels.sln above {AppContext.BaseDirectory}");
    }

    private static List<string> FindRoots()
    {
        var roots = new List<string>();
        foreach (string root in new[] { Path.Combine(Repository, "tests", "goldens"), SharedGoldens() })
            if (Directory.Exists(root)) roots.Add(root);
        repositoryRoots = roots.Count;
        string? further = Environment.GetEnvironmentVariable("MMK_GOLDENS");
        if (further is not null)
            roots.AddRange(further.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(Directory.Exists));
        return roots;
    }

    /// <summary>Shared material lies in a folder <c>shared</c> beside the checkout or beside a folder above it.</summary>
    private static string SharedGoldens()
    {
        for (DirectoryInfo? folder = Directory.GetParent(Repository); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "goldens");
            if (Directory.Exists(candidate)) return candidate;
        }
        return "";
    }
}
