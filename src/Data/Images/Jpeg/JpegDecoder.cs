using System.Buffers.Binary;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>
/// Decodes JPEG (ITU-T T.81): baseline, extended sequential and progressive Huffman files of 8 bits, to the bytes of libjpeg-turbo's defaults
/// (goldens/images/JPEG.md). Damage that libjpeg paints over with a warning is an error here.
/// </summary>
internal sealed unsafe class JpegDecoder
{
    /// <summary>Real progressive files have about ten scans; each one costs a walk over the whole picture.</summary>
    private const int MaxScans = 200;

    private readonly byte[] bytes;
    private readonly string name;
    private readonly ImageLimits limits;
    private readonly JpegTables tables;
    private readonly JpegBits bits;
    private JpegFrame? frame;
    private int position = 2;
    private int restartInterval;
    private int scans;
    private bool sawJfif;
    private int adobeTransform = -1;
    private int orientation = 1;
    private bool sawExif;

    private JpegDecoder(byte[] bytes, byte* pinned, string name, ImageLimits limits)
        => (this.bytes, this.name, this.limits, tables, bits) = (bytes, name, limits, new JpegTables(name), new JpegBits(pinned, bytes.Length));

    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8]) && (bytes.Length == 2 || bytes[2] == 0xff);

    public static Image Decode(byte[] bytes, string name, ImageLimits limits)
    {
        fixed (byte* pinned = bytes) return new JpegDecoder(bytes, pinned, name, limits).Decode();
    }

    private Image Decode()
    {
        while (ReadSegment()) { }
        if (frame is null) throw ImageErrors.Damaged(name, "JPEG", "there is no frame");
        if (frame.Progressive) JpegProgressiveFrame.Finish(frame, name);
        else
            foreach (JpegComponent component in frame.Components)
                if (component.LowestBits[0] < 0) throw ImageErrors.Truncated(name, "JPEG", $"the scans: component {component.Id} never comes");
        return JpegOutput.Assemble(frame, ColourSpace(frame), orientation, name);
    }

    /// <summary>Reads one marker with its segment; false at the end of the picture.</summary>
    private bool ReadSegment()
    {
        int marker = ReadMarker();
        if (marker == EndOfImage) return false;
        if (marker is StartOfImage or (>= 0xd0 and <= 0xd7) or 0x01 or 0x00) throw ImageErrors.Damaged(name, "JPEG", $"the marker {marker:x2} at byte {position - 2} is out of place");
        if (bytes.Length - position < 2) throw ImageErrors.Truncated(name, "JPEG", $"the segment {marker:x2}");
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(position));
        if (length < 2) throw ImageErrors.Damaged(name, "JPEG", $"the segment {marker:x2} at byte {position} has the length {length}");
        if (length > bytes.Length - position) throw ImageErrors.Truncated(name, "JPEG", $"the segment {marker:x2} at byte {position}, which declares {length} bytes");
        ReadOnlySpan<byte> segment = bytes.AsSpan(position + 2, length - 2);
        position += length;
        switch (marker)
        {
            case 0xc0 or 0xc1 or 0xc2:
                if (frame is not null) throw ImageErrors.Damaged(name, "JPEG", "there are two frames");
                frame = JpegFrame.Read(segment, marker, name, limits);
                break;
            case 0xc4: tables.ReadHuffman(segment); break;
            case 0xdb: tables.ReadQuantisers(segment); break;
            case 0xdd:
                if (segment.Length != 2) throw ImageErrors.Damaged(name, "JPEG", $"the restart interval has {segment.Length} bytes");
                restartInterval = BinaryPrimitives.ReadUInt16BigEndian(segment);
                break;
            case 0xda: ReadScan(segment); break;
            case 0xe0: sawJfif |= segment.Length >= 14 && segment.StartsWith("JFIF\0"u8); break;
            case 0xe1 when !sawExif && segment.StartsWith("Exif\0\0"u8):
                (sawExif, orientation) = (true, Exif.Orientation(segment));
                break;
            case 0xee when segment.Length >= 12 && segment.StartsWith("Adobe"u8): adobeTransform = segment[11]; break;
            case >= 0xc9 and <= 0xcb or 0xcd or 0xce or 0xcf or 0xcc: throw ImageErrors.Unsupported(name, "JPEG", "arithmetic coding");
            case 0xc3 or (>= 0xc5 and <= 0xc8): throw ImageErrors.Unsupported(name, "JPEG", "the lossless or hierarchical process");
            case 0xdc: throw ImageErrors.Unsupported(name, "JPEG", "a number of lines after the scan");
        }
        return true;
    }

    private int ReadMarker()
    {
        if (position >= bytes.Length && scans > 0) return EndOfImage;   // some writers forget the end; whether all came is checked later
        if (position >= bytes.Length) throw ImageErrors.Truncated(name, "JPEG", "the segments before the picture");
        if (bytes[position] != 0xff) throw ImageErrors.Damaged(name, "JPEG", $"there is no marker at byte {position}");
        while (position < bytes.Length && bytes[position] == 0xff) position++;
        if (position >= bytes.Length) throw ImageErrors.Truncated(name, "JPEG", "a marker");
        return bytes[position++];
    }

    private void ReadScan(ReadOnlySpan<byte> segment)
    {
        if (frame is null) throw ImageErrors.Damaged(name, "JPEG", "a scan comes before the frame");
        if (++scans > MaxScans) throw ImageErrors.Damaged(name, "JPEG", $"there are more than {MaxScans} scans");
        tables.FillStandard();
        JpegScan scan = JpegScan.Read(segment, frame, tables.Dc, tables.Ac, name);
        bool needsDc = !frame.Progressive || (scan.First == 0 && scan.High == 0), needsAc = !frame.Progressive || scan.First > 0;
        foreach (JpegComponent component in scan.Components)
        {
            if ((needsDc && component.Dc is null) || (needsAc && component.Ac is null)) throw ImageErrors.Damaged(name, "JPEG", $"a Huffman table of component {component.Id} is missing");
            component.Quantisation ??= tables.Quantiser(component.Quantiser);
        }
        if (scans == 1)
        {
            // Every block takes a bit at least, whatever the process: a file too short for its size is refused before memory is taken.
            if (8L * (bytes.Length - position) < frame.Blocks)
                throw ImageErrors.Truncated(name, "JPEG", $"the scans: {bytes.Length - position} bytes cannot hold {frame.Width} x {frame.Height} pixels");
            frame.Allocate(name);
        }
        DecodeScan(frame, scan);
    }

    private void DecodeScan(JpegFrame frame, JpegScan scan)
    {
        JpegSequentialScan? sequential = frame.Progressive ? null : new JpegSequentialScan(bits, name);
        JpegProgressiveScan? progressive = frame.Progressive ? new JpegProgressiveScan(bits, scan, name) : null;
        bool alone = scan.Components.Length == 1;
        int wide = alone ? scan.Components[0].BlocksWide : frame.McusWide, high = alone ? scan.Components[0].BlocksHigh : frame.McusHigh;
        int untilRestart = restartInterval, restarts = 0;
        StartInterval(scan, progressive);
        for (int y = 0; y < high; y++)
            for (int x = 0; x < wide; x++)
            {
                if (restartInterval > 0 && untilRestart-- == 0)
                {
                    ReadRestart(restarts++ & 7);
                    StartInterval(scan, progressive);
                    untilRestart = restartInterval - 1;
                }
                foreach (JpegComponent component in scan.Components)
                {
                    int blocksWide = alone ? 1 : component.Horizontal, blocksHigh = alone ? 1 : component.Vertical;
                    for (int v = 0; v < blocksHigh; v++)
                        for (int h = 0; h < blocksWide; h++)
                            if (sequential is not null) sequential.DecodeBlock(component, x * blocksWide + h, y * blocksHigh + v);
                            else progressive!.DecodeBlock(component, x * blocksWide + h, y * blocksHigh + v);
                }
                if (bits.Exhausted) throw ImageErrors.Truncated(name, "JPEG", $"scan {scans}, row {y} of {high}");
            }
        EndInterval();
    }

    private void StartInterval(JpegScan scan, JpegProgressiveScan? progressive)
    {
        bits.Start(position);
        progressive?.Restart();
        foreach (JpegComponent component in scan.Components) component.Prediction = 0;
    }

    /// <summary>After the last bit of an interval come at most seven of padding, then a marker.</summary>
    private void EndInterval()
    {
        position = bits.Position;
        if (bits.Left >= 8 || (position < bytes.Length && !AtMarker())) throw ImageErrors.Damaged(name, "JPEG", $"bytes are left over before byte {position}, where the scan should end");
    }

    private bool AtMarker()
    {
        int i = position;
        while (i < bytes.Length && bytes[i] == 0xff) i++;
        return i > position && (i == bytes.Length || bytes[i] != 0);
    }

    private void ReadRestart(int expected)
    {
        EndInterval();
        int marker = position < bytes.Length ? ReadMarker() : throw ImageErrors.Truncated(name, "JPEG", $"scan {scans}, at a restart marker");
        if (marker != 0xd0 + expected) throw ImageErrors.Damaged(name, "JPEG", $"the marker {marker:x2} stands at byte {position - 2} in place of the restart marker {0xd0 + expected:x2}");
    }

    /// <summary>The decisions of libjpeg's default_decompress_parms.</summary>
    private JpegColourSpace ColourSpace(JpegFrame frame)
    {
        if (frame.Components.Length == 4) return adobeTransform > 0 ? JpegColourSpace.Ycck : JpegColourSpace.Plain;
        if (frame.Components.Length != 3) return JpegColourSpace.Plain;
        if (sawJfif) return JpegColourSpace.YCbCr;
        if (adobeTransform >= 0) return adobeTransform == 0 ? JpegColourSpace.Plain : JpegColourSpace.YCbCr;
        bool named = frame.Components[0].Id == 'R' && frame.Components[1].Id == 'G' && frame.Components[2].Id == 'B';
        return named ? JpegColourSpace.Plain : JpegColourSpace.YCbCr;
    }

    private const int StartOfImage = 0xd8, EndOfImage = 0xd9;
}
