using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MmKernels.Tests;

/// <summary>Holds every project against the table of floors: what it may reference, and nothing else.</summary>
public class FloorTests
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Types"] = [],
        ["Dialect"] = ["Types"],
        ["Ptx"] = ["Types"],
        ["Data"] = ["Types"],
        ["Compiler"] = ["Types", "Dialect", "Ptx"],
        ["Runtime"] = ["Types", "Ptx"],
        ["Graph"] = ["Types", "Dialect", "Compiler", "Runtime"],
        ["Kernels"] = ["Types", "Dialect", "Graph"],
        ["Models"] = ["Types", "Data", "Graph", "Kernels"],
        ["Engine"] = ["Types", "Data", "Graph", "Models"],
        ["Cli"] = ["Types", "Engine"],
        ["Server"] = ["Types", "Engine"],
        ["Native"] = ["Types", "Engine"],
    };

    private static readonly string[] MayBeUnsafe = ["Runtime", "Data", "Native"];

    /// <summary>Packages that a floor may use; the floors below the doors use none.</summary>
    private static readonly Dictionary<string, string[]> MayUsePackages = new() { ["Cli"] = ["System.CommandLine", "Spectre.Console"] };

    private static readonly string[] ProjectFiles = new[] { "src", "kernels" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Goldens.Repository, folder), "*.csproj", SearchOption.AllDirectories))
        .Select(project => Path.GetRelativePath(Goldens.Repository, project)).ToArray();

    public static TheoryData<string> Projects() => new(ProjectFiles);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyTheFloorsBelowItThatTheTableLists(string project)
    {
        string name = Name(project);
        Assert.True(MayReference.ContainsKey(name), $"{project} is on no floor of the table");
        foreach (string reference in Items(project, "ProjectReference")) Assert.Contains(Name(reference), MayReference[name]);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_UsesOnlyThePackagesThatItsFloorMayUse(string project)
    {
        foreach (string package in Items(project, "PackageReference")) Assert.Contains(package, MayUsePackages.GetValueOrDefault(Name(project)) ?? []);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_IsUnsafeOnlyWhereItMayBe(string project)
    {
        if (Load(project).Descendants("AllowUnsafeBlocks").Any(element => element.Value == "true")) Assert.Contains(Name(project), MayBeUnsafe);
    }

    [Fact]
    public void TransitiveReferences_AreOffForEveryProject()
    {
        Assert.Equal("true", Load("Directory.Build.props").Descendants("DisableTransitiveProjectReferences").Single().Value);
        foreach (string project in ProjectFiles) Assert.Empty(Load(project).Descendants("DisableTransitiveProjectReferences"));
    }

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        string solution = File.ReadAllText(Path.Combine(Goldens.Repository, "MmKernels.sln")).Replace('\\', '/');
        foreach (string folder in new[] { "src", "kernels", "tests", "bench" })
            foreach (string project in Directory.EnumerateFiles(Path.Combine(Goldens.Repository, folder), "*.csproj", SearchOption.AllDirectories))
                Assert.Contains(Path.GetRelativePath(Goldens.Repository, project).Replace('\\', '/'), solution);
    }

    [Fact]
    public void ErrorNumbers_AreUniqueAndInTheirFloorsHundred()
    {
        var firstUse = new Dictionary<int, string>();
        var hundreds = new Dictionary<string, int>
        {
            ["Types"] = 0, ["Ptx"] = 1, ["Dialect"] = 2, ["Compiler"] = 2, ["Runtime"] = 3, ["Data"] = 4, ["Graph"] = 5, ["kernels"] = 5, ["Models"] = 6, ["Engine"] = 7, ["Cli"] = 8,
        };
        foreach (string file in Sources())
        {
            string floor = Path.GetRelativePath(Goldens.Repository, file).Split(Path.DirectorySeparatorChar) is ["src", var name, ..] ? name : "kernels";
            foreach (Match match in Regex.Matches(File.ReadAllText(file), @"new(?: MmkException)?\((\d{1,3}), (?:\$?@?""|problem|\$\$)"))
            {
                int number = int.Parse(match.Groups[1].Value);
                Assert.True(number / 100 == hundreds[floor], $"MMK{number:000} in {file} is not a number of the floor {floor}");
                Assert.True(firstUse.TryAdd(number, file) || firstUse[number] == file, $"MMK{number:000} is used by {firstUse[number]} and by {file}");
            }
        }
        Assert.NotEmpty(firstUse);
    }

    private static IEnumerable<string> Sources()
        => new[] { "src", "kernels" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Goldens.Repository, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"));

    private static XDocument Load(string project) => XDocument.Load(Path.Combine(Goldens.Repository, project));

    private static IEnumerable<string> Items(string project, string item)
        => Load(project).Descendants(item).Select(element => element.Attribute("Include")!.Value);

    private static string Name(string project)
        => Path.GetFileNameWithoutExtension(project.Replace('\\', '/').Split('/')[^1]).Replace("MmKernels.", "");
}
