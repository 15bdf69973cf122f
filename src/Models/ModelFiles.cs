using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The files of a checkpoint. Opening one checks that they are there, and reads only its config.</summary>
public sealed record ModelFiles
{
    private ModelFiles(ModelConfig config) => Config = config;

    /// <summary>The folder that they lie in.</summary>
    public required string Folder { get; init; }

    /// <summary>What the model is.</summary>
    public ModelConfig Config { get; }

    /// <summary>A folder or file with the weights.</summary>
    public required string Weights { get; init; }

    /// <summary>tokenizer.json.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>preprocessor_config.json; it need not exist.</summary>
    public required string Preprocessor { get; init; }

    /// <summary>Where a vision tower that is published apart lies inside the folder, as the beginning of its files' names; they need not exist.</summary>
    public string VisionPrefix => Path.Combine(Folder, "vision.");

    /// <summary>A checkpoint folder as the hub has it.</summary>
    /// <exception cref="MmkException">MMK602: no such folder, or no config.json in it; MMK400 to MMK412: the config cannot be read.</exception>
    public static ModelFiles Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw ModelErrors.NotACheckpoint(folder, File.Exists(folder) ? "it is a file" : "there is no such folder");
        string config = Path.Combine(folder, "config.json");
        if (!File.Exists(config)) throw ModelErrors.NotACheckpoint(folder, "it has no config.json");
        return new ModelFiles(ModelConfig.Open(config))
        {
            Folder = folder,
            Weights = folder,
            Tokenizer = Path.Combine(folder, "tokenizer.json"),
            Preprocessor = Path.Combine(folder, "preprocessor_config.json"),
        };
    }

    /// <summary>A second layout of the same weights in one folder: config.<paramref name="variant"/>.json, model.<paramref name="variant"/>.safetensors, tokenizer.<paramref name="variant"/>.json.</summary>
    /// <exception cref="MmkException">As <see cref="Open"/>.</exception>
    public static ModelFiles OpenVariant(string folder, string variant)
    {
        string config = Path.Combine(folder, $"config.{variant}.json");
        if (!File.Exists(config)) throw ModelErrors.NotACheckpoint(folder, $"it has no config.{variant}.json");
        return new ModelFiles(ModelConfig.Open(config))
        {
            Folder = folder,
            Weights = Path.Combine(folder, $"model.{variant}.safetensors"),
            Tokenizer = Path.Combine(folder, $"tokenizer.{variant}.json"),
            Preprocessor = Path.Combine(folder, $"preprocessor.{variant}.json"),
        };
    }
}
