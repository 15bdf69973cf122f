using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The pictures that an encoder was trained on, and how it cuts them.</summary>
/// <param name="Channels">Planes of a picture.</param>
/// <param name="Size">Pixels of the side of the square pictures.</param>
/// <param name="Patch">Pixels of the side of a patch.</param>
public sealed record PictureSpec(int Channels, int Size, int Patch)
{
    /// <summary>Patches along a side; pixels left over are dropped.</summary>
    public int Grid => Size / Patch;

    /// <summary>Patches of a picture.</summary>
    public int Patches => Grid * Grid;

    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong.</exception>
    public static PictureSpec Read(ConfigObject config)
    {
        var picture = new PictureSpec(config.CountUpTo("num_channels", ConfigBounds.Channels, 3), config.CountUpTo("image_size", ConfigBounds.ImageSize), config.CountUpTo("patch_size", ConfigBounds.PatchSize));
        return picture.Size >= picture.Patch ? picture : throw config.Invalid("image_size", $"at least patch_size ({picture.Patch})");
    }
}
