using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Reads attention windows from configs.</summary>
internal static class Windows
{
    private const string Key = "sliding_window", TypesKey = "layer_types";

    /// <summary>The window that a config sets, or null; <c>layer_types</c>, where it is written, says which layers have it.</summary>
    /// <param name="config">The config.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="otherwise">Which layers have it where <c>layer_types</c> is not written; all where left out.</param>
    /// <exception cref="MmkException">MMK411: a list of another length or with an unknown word.</exception>
    public static AttentionWindow? Read(ConfigObject config, int layers, Func<int, bool>? otherwise = null)
    {
        if (!config.Has(Key)) return null;
        string[] types = config.Strings(TypesKey, []);
        bool known = types.Length == 0 || (types.Length == layers && types.All(type => type is "sliding_attention" or "full_attention"));
        if (!known) throw config.Invalid(TypesKey, $"{layers} times sliding_attention or full_attention");
        var covered = new bool[layers];
        for (int layer = 0; layer < layers; layer++) covered[layer] = types.Length > 0 ? types[layer] == "sliding_attention" : otherwise?.Invoke(layer) ?? true;
        int keys = config.Count(Key);
        return covered.Contains(true) ? new AttentionWindow(keys, covered) : null;
    }
}
