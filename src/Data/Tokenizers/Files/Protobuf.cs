using System.Buffers.Binary;

namespace MmKernels.Data.Tokenizers;

/// <summary>Reads the fields of one protobuf message. Every read is checked against the end of the message.</summary>
internal ref struct Protobuf(ReadOnlySpan<byte> message, string name)
{
    private readonly ReadOnlySpan<byte> message = message;
    private int at;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    private int wireType;

    /// <summary>Steps to the next field; false at the end.</summary>
    public bool Next()
    {
        if (at >= message.Length) return false;
        ulong tag = Varint();
        (Field, wireType) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        return Field > 0 ? true : throw TextErrors.SentencePiece(name, $"a field with the number 0 at byte {at}");
    }

    /// <summary>The value of a string, bytes or message field.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        if (wireType != 2) throw Wrong();
        ulong length = Varint();
        if (length > (ulong)(message.Length - at)) throw TextErrors.SentencePiece(name, $"a field of {length} bytes with {message.Length - at} bytes left");
        ReadOnlySpan<byte> value = message.Slice(at, (int)length);
        at += (int)length;
        return value;
    }

    public float Float()
    {
        if (wireType != 5) throw Wrong();
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    /// <summary>The value of an int32, enum or bool field; negative ones are written with ten bytes.</summary>
    public int Integer()
    {
        if (wireType != 0) throw Wrong();
        return (int)Math.Clamp((long)Varint(), int.MinValue, int.MaxValue);
    }

    public void Skip()
    {
        switch (wireType)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes(); break;
            case 5: Take(4); break;
            default: throw Wrong();
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (message.Length - at < count) throw TextErrors.SentencePiece(name, "it ends inside a field");
        at += count;
        return message.Slice(at - count, count);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte b = Take(1)[0];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw TextErrors.SentencePiece(name, "a number of more than 64 bits");
    }

    private readonly MmkException Wrong() => TextErrors.SentencePiece(name, $"the field {Field} has the wire type {wireType}");
}
