namespace MmKernels.Data.Images;

/// <summary>Which of the two resampling passes runs first. Bytes are rounded between the passes, so the order changes the result.</summary>
public enum PassOrder
{
    /// <summary>Pillow 13: vertical first where the picture loses more rows than twice its columns.</summary>
    Pillow13,

    /// <summary>Pillow up to 12: always horizontal first.</summary>
    Classic,
}
