using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Engine;

/// <summary>Looks into picture files, without a model.</summary>
public static class PictureInspector
{
    /// <summary>Decodes a picture and, where <paramref name="processor"/> is given, prepares it for an encoder.</summary>
    /// <param name="path">The picture file.</param>
    /// <param name="processor">A preprocessor_config.json, or a folder that has one.</param>
    /// <param name="png">Where to write the picture as PNG, turned upright; null for nowhere.</param>
    /// <exception cref="MmkException">MMK460 to MMK471: the picture is unreadable or cannot be written; MMK400 to MMK412, MMK469: the processor is.</exception>
    public static PictureReport Inspect(string path, string? processor = null, string? png = null)
    {
        byte[] bytes = ImageFile.ReadBytes(path);
        Image image = ImageFile.Decode(bytes, path);
        Image upright = image.Upright();
        if (png is not null) ImageFile.WritePng(png, upright);
        string hash = Convert.ToHexStringLower(SHA256.HashData(image.ToRgb().Pixels));
        return new PictureReport(ImageFile.FormatOf(bytes)!, image.Width, image.Height, image.Mode.ToString(), image.HasTransparency, image.Orientation, hash,
            processor is null ? null : Prepare(upright, processor));
    }

    private static EncoderInput Prepare(Image image, string processor)
    {
        string config = Directory.Exists(processor) ? Path.Combine(processor, "preprocessor_config.json") : processor;
        PixelValues pixels = PreprocessPlan.Read(config).Run(image);
        var steps = new List<string>();
        foreach (ResolvedView view in pixels.Plan.Views)
        {
            foreach (ResolvedStep step in view.Steps) steps.Add(step.ToString());
            if (view.Rows * view.Columns > 1) steps.Add($"{view.Rows} x {view.Columns} tiles of {view.Tile}");
        }
        return new EncoderInput(steps, pixels.Shape, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(pixels.Values))));
    }
}
