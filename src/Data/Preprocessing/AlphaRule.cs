namespace MmKernels.Data.Preprocessing;

/// <summary>What converting to RGB does with transparency.</summary>
public enum AlphaRule
{
    /// <summary>Composed over white: transformers 5.</summary>
    White,

    /// <summary>Dropped: transformers 4, torchvision pipelines.</summary>
    Drop,
}
