using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The files of a vision tower that is published apart from the language model, as the original LLaVA does.</summary>
/// <param name="Config">The tower's own config (of a CLIP model or of its vision part).</param>
/// <param name="Weights">A folder or file with its weights.</param>
/// <param name="Preprocessor">Its preprocessor_config.json.</param>
public sealed record VisionFiles(ModelConfig Config, string Weights, string Preprocessor)
{
    /// <summary>
    /// Finds the tower <paramref name="name"/> (a hub name or a path): in the checkpoint's folder as vision.config.json, vision.safetensors and
    /// vision.preprocessor_config.json; under its path; in a folder of its last name beside the checkpoint's; or, where the checkpoint is a second layout of
    /// weights that hold the tower themselves, in the folder's config.json.
    /// </summary>
    /// <exception cref="MmkException">MMK604: it is in none of these places.</exception>
    public static VisionFiles Find(ModelFiles files, string name)
    {
        string inside = files.VisionPrefix;
        if (File.Exists(inside + "config.json"))
            return new VisionFiles(ModelConfig.Open(inside + "config.json"), inside + "safetensors", inside + "preprocessor_config.json");
        string[] folders = [Path.Combine(files.Folder, name), name, Path.Combine(files.Folder, "..", Path.GetFileName(name.TrimEnd('/')))];
        foreach (string folder in folders)
            if (File.Exists(Path.Combine(folder, "config.json")))
                return new VisionFiles(ModelConfig.Open(folder), folder, Path.Combine(folder, "preprocessor_config.json"));
        if (Beside(files) is { } first) return new VisionFiles(first, files.Weights, Path.Combine(files.Folder, "preprocessor_config.json"));
        throw ModelErrors.NoVisionTower(name, folders.Prepend(inside + "config.json"));
    }

    /// <summary>The tower's preprocessor_config.json, or else the checkpoint's own; null where neither is there.</summary>
    public string? FindPreprocessor(ModelFiles files) => Array.Find([Preprocessor, files.Preprocessor], File.Exists);

    private static ModelConfig? Beside(ModelFiles files)
    {
        string first = Path.Combine(files.Folder, "config.json");
        return File.Exists(first) && ModelConfig.Open(first) is var config && config.Root.IsSet("vision_config") ? config : null;
    }
}
