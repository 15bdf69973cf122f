using System.CommandLine;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk image</c>: what a picture file holds and what an encoder would get of it.</summary>
internal static class ImageCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A picture: PNG, JPEG, BMP, GIF, PNM or WebP." };
        var processor = new Option<string?>("--processor") { Description = "A preprocessor_config.json, or a checkpoint folder: prepare the picture as it says." };
        var png = new Option<string?>("--png") { Description = "Write the picture, turned upright, to this PNG file." };
        file.RefuseOptions();
        var command = new Command("image", "Decodes a picture, prepares it for an encoder, and prints sizes and hashes.") { file, processor, png };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(processor), parsed.GetValue(png)));
        return command;
    }

    private static int Run(string file, string? processor, string? png)
    {
        PictureReport report = PictureInspector.Inspect(file, processor, png);
        Console.Out.WriteLine($"{report.Format}, {report.Width} x {report.Height}, {report.Mode}{(report.HasTransparency ? ", with transparency" : "")}, orientation {report.Orientation}");
        Console.Out.WriteLine($"rgb sha256 {report.PixelHash}");
        if (report.Prepared is { } prepared)
        {
            foreach (string step in prepared.Steps) Console.Out.WriteLine($"  {step}");
            Console.Out.WriteLine($"values {prepared.Shape} sha256 {prepared.ValueHash}");
        }
        if (png is not null) Console.Out.WriteLine($"wrote {png}");
        return 0;
    }
}
