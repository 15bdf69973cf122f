using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MmKernels.Compiler.Ir;
using MmKernels.Compiler.Passes;

namespace MmKernels.Tests;

/// <summary>One pass at a time: the IR in a file, exact IR out. Numbers of values and blocks are by first appearance.</summary>
public partial class PassTests
{
    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Folder(), "*.ssa").Select(f => Path.GetFileName(f)!).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Pass_TurnsTheFilesIrIntoWhatItSays(string file)
    {
        string[] parts = File.ReadAllText(Path.Combine(Folder(), file)).Split("---\n");
        Assert.Equal(3, parts.Length);
        Function function = IrParser.Parse(parts[1]);
        IrVerifier.Check(function, "input");
        Run(parts[0][(parts[0].IndexOf("pass:", StringComparison.Ordinal) + 5)..].Trim(), function);
        IrVerifier.Check(function, "output");
        Assert.Equal(Normal(parts[2]), Normal(IrText.Print(function)));
    }

    private static void Run(string passes, Function function)
    {
        foreach (string pass in passes.Split(' '))
        {
            Dominators.Compute(function);
            switch (pass)
            {
                case "blocks": SimplifyBlocks.Run(function); break;
                case "number": ValueNumbering.Run(function); break;
                case "dead": DeadCode.Run(function); break;
                case "invariants": LoopInvariants.Run(function); break;
                case "hoist": HoistShared.Run(function); break;
                case "select": IfConversion.Run(function); break;
                case "contract": Contract.Run(function); break;
                default: Assert.Fail($"no pass is called `{pass}`"); break;
            }
        }
    }

    private static string Normal(string text)
    {
        var names = new Dictionary<string, string>();
        int values = 0, blocks = 0;
        string renamed = Name().Replace(text, m => names.TryGetValue(m.Value, out string? known) ? known : names[m.Value] = m.Value[0] == '%' ? $"%{values++}" : $"b{blocks++}");
        return string.Join("\n", renamed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Ssa");

    [GeneratedRegex(@"%\d+|\bb\d+\b")]
    private static partial Regex Name();
}
