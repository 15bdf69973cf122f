namespace MmKernels.Data.Images.Png;

/// <summary>The IDAT chunks read as one stream, without copying them together.</summary>
internal sealed class PngDataStream(byte[] bytes, List<(int Offset, int Length)> parts) : Stream
{
    private int part;
    private int consumed;

    public override int Read(Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length && part < parts.Count)
        {
            (int offset, int length) = parts[part];
            int count = Math.Min(length - consumed, buffer.Length - total);
            bytes.AsSpan(offset + consumed, count).CopyTo(buffer[total..]);
            total += count;
            consumed += count;
            if (consumed == length) (part, consumed) = (part + 1, 0);
        }
        return total;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
