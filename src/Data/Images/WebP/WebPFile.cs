using System.Buffers.Binary;

namespace MmKernels.Data.Images.WebP;

/// <summary>The container of a WebP file: what of it makes the first picture.</summary>
internal sealed class WebPFile
{
    private const int AlphaFlag = 0x10;

    private readonly byte[] bytes;
    private readonly string name;

    private WebPFile(byte[] bytes, string name) => (this.bytes, this.name) = (bytes, name);

    /// <summary>A file of one still picture: the whole file, or the first frame of an animation as a file of its own.</summary>
    public byte[] Still { get; private set; } = [];

    /// <summary>The size of the screen of an animation; 0 x 0 for a still picture.</summary>
    public (int Width, int Height) Screen { get; private set; }

    /// <summary>Where the first frame of an animation lies on its screen.</summary>
    public (int Left, int Top) Offset { get; private set; }

    public bool HasAlpha { get; private set; }

    public int Orientation { get; private set; } = 1;

    public static WebPFile Read(byte[] bytes, string name)
    {
        var file = new WebPFile(bytes, name);
        file.ReadChunks();
        return file;
    }

    private void ReadChunks()
    {
        uint declared = U32(4);
        if (declared > (uint)bytes.Length - 8) throw ImageErrors.Truncated(name, "WebP", $"the container, which declares {declared} bytes");
        bool picture = false;
        foreach ((uint kind, Range range) in Chunks(12, 8 + (int)declared))
        {
            ReadOnlySpan<byte> data = bytes.AsSpan(range);
            if (kind == VP8X && data.Length >= 10) ReadExtended(data);
            else if (kind == ANMF && !picture) picture = ReadFrame(range);
            else if (kind is VP8 or VP8L && !picture)
            {
                picture = true;
                HasAlpha |= kind == VP8L && LosslessAlpha(data);
                Still = bytes;
            }
            else if (kind == EXIF) Orientation = Exif.Orientation(data);
        }
        if (!picture) throw ImageErrors.Truncated(name, "WebP", "the container: there is no picture in it");
    }

    private void ReadExtended(ReadOnlySpan<byte> data)
    {
        const int animationFlag = 0x02;
        HasAlpha |= (data[0] & AlphaFlag) != 0;
        if ((data[0] & animationFlag) != 0) Screen = (1 + U24(data[4..]), 1 + U24(data[7..]));
    }

    /// <summary>The frame's chunks (ALPH, VP8, VP8L) behind a header of their own.</summary>
    private bool ReadFrame(Range range)
    {
        const int frameHeader = 16;
        (int start, int length) = range.GetOffsetAndLength(bytes.Length);
        if (length < frameHeader) throw ImageErrors.Truncated(name, "WebP", "a frame");
        ReadOnlySpan<byte> header = bytes.AsSpan(start, frameHeader);
        Offset = (2 * U24(header), 2 * U24(header[3..]));
        (int width, int height) = (1 + U24(header[6..]), 1 + U24(header[9..]));
        // Frames never have the background; the screen around and behind them is transparent.
        HasAlpha = true;
        int payload = length - frameHeader;
        var still = new byte[30 + payload];
        "RIFF"u8.CopyTo(still);
        BinaryPrimitives.WriteInt32LittleEndian(still.AsSpan(4), still.Length - 8);
        "WEBPVP8X"u8.CopyTo(still.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(still.AsSpan(16), 10);
        still[20] = AlphaFlag;
        BinaryPrimitives.WriteInt32LittleEndian(still.AsSpan(24), width - 1);
        still[27] = (byte)(height - 1);
        still[28] = (byte)((height - 1) >> 8);
        still[29] = (byte)((height - 1) >> 16);
        bytes.AsSpan(start + frameHeader, payload).CopyTo(still.AsSpan(30));
        Still = still;
        return true;
    }

    private IEnumerable<(uint Kind, Range Data)> Chunks(int from, int to)
    {
        for (int at = from; to - at >= 8;)
        {
            uint kind = U32(at), length = U32(at + 4);
            if (length > (uint)(to - at - 8)) throw ImageErrors.Truncated(name, "WebP", $"the chunk at byte {at}, which declares {length} bytes");
            yield return (kind, (at + 8)..(at + 8 + (int)length));
            at = (int)Math.Min(to, at + 8L + length + (length & 1));
        }
    }

    /// <summary>The alpha_is_used bit behind signature and sizes.</summary>
    private static bool LosslessAlpha(ReadOnlySpan<byte> data) => data.Length >= 5 && (data[4] & 0x10) != 0;

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static int U24(ReadOnlySpan<byte> data) => data[0] | data[1] << 8 | data[2] << 16;

    private const uint VP8 = 0x20385056, VP8L = 0x4c385056, VP8X = 0x58385056, ANMF = 0x464d4e41, EXIF = 0x46495845;
}
