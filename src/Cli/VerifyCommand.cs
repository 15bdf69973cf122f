using System.CommandLine;
using System.Globalization;
using MmKernels.Engine;
using Spectre.Console;

namespace MmKernels.Cli;

/// <summary><c>mmk verify</c>: compares a model with recorded outputs of its reference implementation.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "A golden folder: config.json, model.safetensors, reference.json, reference.safetensors." };
        Option<string> device = DeviceOptions.Device();
        Option<int> threads = DeviceOptions.Threads();
        folder.RefuseOptions();
        var command = new Command("verify", "Compares every stage that a golden folder recorded.") { folder, device, threads };
        command.SetAction((parsed, cancellation) => Run(parsed.GetRequiredValue(folder), new LoadOptions { Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads) }, cancellation));
        return command;
    }

    private static async Task<int> Run(string folder, LoadOptions options, CancellationToken cancellation)
    {
        VerifyReport report = await Waiting.For($"comparing the stages of {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}",
            Task.Run(() => Verifier.Run(folder, options), cancellation).WaitAsync(cancellation)).ConfigureAwait(false);
        Table table = new Table().AddColumns("stage", "shape").Border(TableBorder.Minimal);
        foreach (string figure in new[] { "max abs", "max rel" }) table.AddColumn(new TableColumn(figure).RightAligned());
        table.AddColumn("ok");
        foreach (VerifyRow row in report.Rows)
            table.AddRow(Cell(row.Stage), Cell(row.Shape.ToString()), Cell(Number(row.MaxAbs)), Cell(Number(row.MaxRel)), Cell(row.Ok ? "ok" : "FAILED"));
        // A report is for files and pipes too: never cut to the width of a console.
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        console.Profile.Width = Math.Max(console.Profile.Width, 160);
        console.Write(table);
        if (report.NotCompared.Count > 0) Console.Out.WriteLine("not compared:");
        foreach (VerifySkip skip in report.NotCompared) Console.Out.WriteLine($"  {skip.Stage}: {skip.Reason}");
        int failed = report.Rows.Count(row => !row.Ok);
        Console.Out.WriteLine($"{report.System} on {report.Device}: {report.Rows.Count - failed} of {report.Rows.Count} stages ok, {report.NotCompared.Count} not compared");
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"max rel is |ours - reference| / (1 + |reference|), at most {Verifier.Tolerance:0e+0} (inputs and tokens are exact)"));
        return report.Ok ? 0 : 1;
    }

    private static Text Cell(string text) => new(text);

    private static string Number(double value) => value.ToString(value == 0 ? "0" : "0.0e+0", CultureInfo.InvariantCulture);
}
