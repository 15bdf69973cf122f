namespace MmKernels.Models;

/// <summary>In some layers a query sees only the last keys, its own among them.</summary>
/// <param name="Keys">How many.</param>
/// <param name="Layers">Per layer, whether it has the window.</param>
public sealed record AttentionWindow(int Keys, IReadOnlyList<bool> Layers)
{
    public bool Covers(int layer) => Layers[layer];
}
