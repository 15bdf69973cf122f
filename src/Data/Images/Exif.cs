using System.Buffers.Binary;

namespace MmKernels.Data.Images;

/// <summary>The one EXIF value that changes what a picture shows.</summary>
internal static class Exif
{
    /// <summary>
    /// Orientation (tag 0x0112) of the first directory of a TIFF structure, with or without the leading "Exif\0\0".
    /// Anything missing, broken or out of 1 to 8 counts as 1.
    /// </summary>
    public static int Orientation(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith("Exif\0\0"u8)) data = data[6..];
        if (data.Length < 8) return 1;
        bool little = data.StartsWith("II"u8);
        if (!little && !data.StartsWith("MM"u8)) return 1;
        uint offset = U32(data[4..], little);
        if (offset > (uint)data.Length - 2) return 1;
        ReadOnlySpan<byte> directory = data[(int)offset..];
        int entries = U16(directory, little);
        directory = directory[2..];
        for (int i = 0; i < entries && directory.Length >= 12; i++, directory = directory[12..])
        {
            if (U16(directory, little) != 0x0112) continue;
            const int shortType = 3;
            if (U16(directory[2..], little) != shortType || U32(directory[4..], little) != 1) return 1;
            int value = U16(directory[8..], little);
            return value is >= 1 and <= 8 ? value : 1;
        }
        return 1;
    }

    private static int U16(ReadOnlySpan<byte> data, bool little)
        => little ? BinaryPrimitives.ReadUInt16LittleEndian(data) : BinaryPrimitives.ReadUInt16BigEndian(data);

    private static uint U32(ReadOnlySpan<byte> data, bool little)
        => little ? BinaryPrimitives.ReadUInt32LittleEndian(data) : BinaryPrimitives.ReadUInt32BigEndian(data);
}
