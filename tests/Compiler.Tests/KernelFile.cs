using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MmKernels.Dialect;

namespace MmKernels.Tests;

/// <summary>One kernel of a file test: the method below the comment lines <c>// compile: Name TypeArgument..</c>, <c>// check: text</c> and <c>// not: text</c>.</summary>
/// <param name="Checks">What the PTX must contain, in this order.</param>
/// <param name="Absent">What it must not contain.</param>
/// <param name="Options">Words behind <c>// options:</c>.</param>
internal sealed record KernelCase(string File, int Line, MethodInfo Method, string[] Checks, string[] Absent, string Options)
{
    public override string ToString() => $"{File}: {Method.Name}{string.Concat(Method.GetGenericArguments().Select(t => $" {t.Name}"))}";
}

/// <summary>Reads kernels and expectations from the C# files in Kernels.</summary>
internal static partial class KernelFile
{
    private static readonly Dictionary<string, Type> typeNames = new()
    {
        ["F32"] = typeof(F32), ["F16"] = typeof(F16), ["BF16"] = typeof(BF16), ["float"] = typeof(float), ["int"] = typeof(int), ["double"] = typeof(double),
    };

    public static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Kernels");

    /// <summary>All cases of all files.</summary>
    public static IEnumerable<KernelCase> Cases()
    {
        foreach (string path in Directory.EnumerateFiles(Folder(), "*.cs").Order())
        {
            string[] lines = File.ReadAllLines(path);
            for (int i = 0; i < lines.Length; i++)
            {
                Match compile = Directive().Match(lines[i]);
                if (!compile.Success || compile.Groups[1].Value != "compile") continue;
                var checks = new List<string>();
                var absent = new List<string>();
                string options = "";
                for (int j = i + 1; j < lines.Length && Directive().Match(lines[j]) is { Success: true } next && next.Groups[1].Value != "compile"; j++)
                {
                    if (next.Groups[1].Value == "check") checks.Add(next.Groups[2].Value);
                    else if (next.Groups[1].Value == "not") absent.Add(next.Groups[2].Value);
                    else options = next.Groups[2].Value;
                }
                yield return new KernelCase(Path.GetFileName(path), i + 1, Find(compile.Groups[2].Value), [.. checks], [.. absent], options);
            }
        }
    }

    /// <summary>Methods of the files' classes by name.</summary>
    public static MethodInfo Find(string spelling)
    {
        string[] words = spelling.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        MethodInfo method = typeof(KernelFile).Assembly.GetTypes().Where(t => t.Namespace == "MmKernels.Tests.Kernels")
            .SelectMany(t => t.GetMethods(Any)).Single(m => m.Name == words[0]);
        return words.Length == 1 ? method : method.MakeGenericMethod([.. words.Skip(1).Select(Named)]);
    }

    private static Type Named(string name)
        => typeNames.TryGetValue(name, out Type? type) ? type : typeof(KernelFile).Assembly.GetTypes().Single(t => t.Name == name);

    [GeneratedRegex(@"^\s*// (compile|check|not|options): (.*?)\s*$")]
    private static partial Regex Directive();
}
