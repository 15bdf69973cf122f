using System.Buffers.Binary;

namespace MmKernels.Fuzz;

/// <summary>PNG: chunks, filters, interlacing, palettes.</summary>
public sealed class PngTarget : PictureTarget
{
    private static readonly uint[] table = [.. Enumerable.Range(0, 256).Select(Remainder)];

    public override string Name => "png";

    protected override string Folder => "png";

    public override IReadOnlyList<string> Words { get; } = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "eXIf", "\0\0\0\0", "\u007f\u00ff\u00ff\u00ff"];

    /// <summary>Rewrites every chunk's checksum, which would else hide all that lies behind it.</summary>
    public override byte[] Repair(byte[] input)
    {
        byte[] repaired = (byte[])input.Clone();
        for (long at = 8; at + 12 <= repaired.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(repaired.AsSpan((int)at));
            if (length > repaired.Length - at - 12) break;
            uint crc = uint.MaxValue;
            foreach (byte b in repaired.AsSpan((int)at + 4, (int)length + 4)) crc = (crc >> 8) ^ table[(crc ^ b) & 255];
            BinaryPrimitives.WriteUInt32BigEndian(repaired.AsSpan((int)(at + 8 + length)), ~crc);
            at += 12 + length;
        }
        return repaired;
    }

    private static uint Remainder(int value)
    {
        uint crc = (uint)value;
        for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
        return crc;
    }
}
