using System.CommandLine;
using System.Globalization;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk inspect</c>: what is in a checkpoint. Reads headers only, so that the size of the weights does not matter.</summary>
internal static class InspectCommand
{
    private const int WidestName = 72;

    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "A checkpoint folder, a shard index, or a .safetensors or .gguf file." };
        var form = new Option<string>("--as") { Description = "tree (equal layers as one), table (every tensor) or json.", DefaultValueFactory = _ => "tree" };
        form.AcceptOnlyFromAmong("tree", "table", "json");
        path.RefuseOptions();
        var command = new Command("inspect", "Lists the tensors of a checkpoint with their types, shapes and sizes.") { path, form };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(path), parsed.GetRequiredValue(form)));
        return command;
    }

    private static int Run(string path, string form)
    {
        Inspection inspection = Inspection.Of(path);
        if (form == "json")
        {
            Console.Out.WriteLine(inspection.ToJson());
            return 0;
        }
        Print(form == "tree" ? inspection.Tree : inspection.Tensors);
        Console.Out.WriteLine();
        foreach (InspectionRow format in inspection.Formats)
            Console.Out.WriteLine($"{format.Name,-8} {format.Tensors,7} tensors  {Count(format.Elements),8} elements  {Size(format.Bytes),9}");
        foreach ((string key, string value) in inspection.Metadata) Console.Out.WriteLine($"{key} = {value}");
        foreach (string note in inspection.Notes) Console.Out.WriteLine(note);
        Console.Out.WriteLine($"{inspection.Source}: {Count(inspection.Elements)} elements, {Size(inspection.Bytes)}");
        return 0;
    }

    private static void Print(IReadOnlyList<InspectionRow> rows)
    {
        int width = 0;
        foreach (InspectionRow row in rows) width = Math.Max(width, 2 * row.Depth + row.Name.Length);
        width = Math.Min(width, WidestName);
        foreach (InspectionRow row in rows)
        {
            string name = new string(' ', 2 * row.Depth) + row.Name;
            string what = row.Shape is null && row.Tensors > 1 ? $"{row.Tensors} tensors" : row.Tensors > 1 ? $"{row.Shape} × {row.Tensors}" : row.Shape ?? "?";
            Console.Out.WriteLine($"{name.PadRight(width)}  {row.Format ?? "",-8} {what,-24} {Size(row.Bytes),9}{(row.Depth == 0 && row.File is not null ? $"  {row.File}" : "")}");
        }
    }

    private static string Size(long bytes) => Scaled(bytes, ["B", "kB", "MB", "GB", "TB"]);

    private static string Count(long count) => Scaled(count, ["", "k", "M", "G", "T"]).TrimEnd();

    /// <summary>Three digits and a decimal unit.</summary>
    private static string Scaled(double value, string[] units)
    {
        int unit = 0;
        for (; value >= 1000 && unit + 1 < units.Length; value /= 1000) unit++;
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(unit == 0 ? "0" : "0.##", CultureInfo.InvariantCulture)} {units[unit]}");
    }
}
