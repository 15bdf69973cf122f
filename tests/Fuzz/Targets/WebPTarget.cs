using System.Buffers.Binary;

namespace MmKernels.Fuzz;

/// <summary>WebP: the container. The bitstream goes to libwebp, or nowhere where the machine has none (MMK467).</summary>
public sealed class WebPTarget : PictureTarget
{
    public override string Name => "webp";

    protected override string Folder => "webp";

    public override IReadOnlyList<string> Words { get; } = ["RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ANMF", "ALPH", "EXIF"];

    /// <summary>Corrects the container's length, which would else hide the chunks.</summary>
    public override byte[] Repair(byte[] input)
    {
        if (input.Length < 12) return input;
        byte[] repaired = (byte[])input.Clone();
        BinaryPrimitives.WriteInt32LittleEndian(repaired.AsSpan(4), repaired.Length - 8);
        return repaired;
    }
}
