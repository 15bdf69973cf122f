namespace MmKernels.Models;

/// <summary>
/// Recognises the checkpoints of one system and reads their configs as a <see cref="ModelSpec"/>. A class in this folder is found without being registered.
/// </summary>
public abstract class Recipe
{
    private static readonly Lazy<IReadOnlyList<Recipe>> All = new(Discovery.All<Recipe>);

    /// <summary>The system's name, for people.</summary>
    public abstract string System { get; }

    /// <summary>Whether a checkpoint is of this system.</summary>
    public abstract bool Recognises(ModelFiles files);

    /// <summary>What the checkpoint's configs describe.</summary>
    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong; MMK604, MMK611.</exception>
    public abstract ModelSpec Read(ModelFiles files);

    /// <summary>The recipe of a checkpoint.</summary>
    /// <exception cref="MmkException">MMK601: no recipe recognises it.</exception>
    public static Recipe Of(ModelFiles files)
        => All.Value.FirstOrDefault(recipe => recipe.Recognises(files))
            ?? throw ModelErrors.UnknownSystem(files.Config.Root.FilePath, files.Config.Root.FindString("model_type"), All.Value.Select(recipe => recipe.System).Concat(LlmFamily.Known).Distinct());
}
