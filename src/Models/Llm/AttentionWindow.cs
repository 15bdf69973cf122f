namespace MmKernels.Models;

/// <summary>In the layers First, First + Step, … a query sees only the last keys, its own among them.</summary>
public sealed record AttentionWindow(int Keys, int First = 0, int Step = 1)
{
    public bool Covers(int layer) => layer >= First && (layer - First) % Step == 0;
}
