using MmKernels.Data.Images;

namespace MmKernels.Engine;

/// <summary>A picture to ask about.</summary>
public sealed class Picture
{
    private readonly Func<Image> decode;

    private Picture(string name, Func<Image> decode) => (Name, this.decode) = (name, decode);

    /// <summary>The file, or what errors call it.</summary>
    public string Name { get; }

    /// <summary>A picture file; it is read when the question is asked.</summary>
    public static Picture FromFile(string path) => new(path, () => ImageFile.Decode(path).Upright());

    /// <summary>A picture file in memory.</summary>
    public static Picture FromBytes(byte[] bytes, string name = "the picture") => new(name, () => ImageFile.Decode(bytes, name).Upright());

    /// <summary>The decoded picture, turned upright as its EXIF says.</summary>
    /// <exception cref="MmkException">MMK460 to MMK467: it cannot be read or decoded.</exception>
    internal Image Decode() => decode();
}
