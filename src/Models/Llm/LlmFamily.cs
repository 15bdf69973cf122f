using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>A family of language models: reads its published configs as an <see cref="LlmSpec"/>.</summary>
public abstract class LlmFamily
{
    private static readonly Lazy<IReadOnlyList<LlmFamily>> All = new(Discovery.All<LlmFamily>);

    /// <summary>The <c>model_type</c> values that it reads.</summary>
    public abstract IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The spec that a config (or the text part of one) describes.</summary>
    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong; MMK611: something this family's reader does not support.</exception>
    public abstract LlmSpec Read(ConfigObject config);

    /// <summary>The names of all model types that some family reads.</summary>
    public static IEnumerable<string> Known => All.Value.SelectMany(family => family.ModelTypes);

    /// <summary>The family that reads a config, or null.</summary>
    public static LlmFamily? Of(ConfigObject config) => All.Value.FirstOrDefault(family => family.ModelTypes.Contains(config.ModelType));

    /// <summary>The error for a value that this reader cannot express.</summary>
    protected static MmkException Unsupported(ConfigObject config, string what) => ModelErrors.Unsupported(config.FilePath, what);
}
