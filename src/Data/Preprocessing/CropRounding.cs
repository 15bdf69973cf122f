namespace MmKernels.Data.Preprocessing;

/// <summary>Where a centre crop lies when the difference of the sizes is odd.</summary>
public enum CropRounding
{
    /// <summary>floor(difference / 2): Hugging Face's processors.</summary>
    Down,

    /// <summary>Half to even for crops, half of the missing pixels rounded down before the picture for pads: torchvision and open_clip.</summary>
    HalfToEven,
}
