using System.CommandLine;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk kernels</c>: the kernels that come with the engine, with their cards.</summary>
internal static class KernelsCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("KERNEL") { Arity = ArgumentArity.ZeroOrOne, Description = "Shows the card of this one; left out, all kernels in a line each." };
        name.RefuseOptions();
        var command = new Command("kernels", "Lists the kernels and shows their cards.") { name };
        command.SetAction(parsed => Run(parsed.GetValue(name)));
        return command;
    }

    private static int Run(string? name)
    {
        IReadOnlyList<KernelRow> rows = KernelInspector.List();
        if (name is null)
        {
            int width = rows.Max(row => row.Name.Length);
            foreach (KernelRow row in rows.DistinctBy(row => row.Name)) Console.Out.WriteLine($"{row.Name.PadRight(width)}  {row.Computes}");
            return 0;
        }
        KernelRow[] chosen = [.. rows.Where(row => string.Equals(row.Name, name, StringComparison.OrdinalIgnoreCase))];
        if (chosen.Length == 0) throw new MmkException(802, $"there is no kernel named `{name}`", $"Known are {string.Join(", ", rows.Select(row => row.Name).Distinct())}");
        foreach (KernelRow row in chosen)
        {
            Console.Out.WriteLine(row.Signature);
            Console.Out.WriteLine(row.Computes);
            foreach (string line in row.Card) Console.Out.WriteLine($"  {line}");
        }
        return 0;
    }
}
