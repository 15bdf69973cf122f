using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace MmKernels.Data;

/// <summary>A cursor over the start of a GGUF file: every count and length is checked against the bytes that are left before anything is allocated.</summary>
internal ref struct GgufReader(ReadOnlySpan<byte> bytes, string file)
{
    /// <summary>Arrays of arrays are read this deep; published files have none.</summary>
    private const int MaxDepth = 4;

    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly int Left => bytes.Length - Position;

    public T Read<T>(string what)
        where T : unmanaged
    {
        T value = MemoryMarshal.Read<T>(Take((ulong)Unsafe.SizeOf<T>(), what));
        return value;
    }

    /// <summary>A count of things that take at least <paramref name="leastBytes"/> each.</summary>
    public int ReadCount(int leastBytes, string what)
    {
        ulong count = Read<ulong>(what);
        return count <= (ulong)(Left / leastBytes) ? (int)count : throw Wrong($"{what} is {count}, more than the {Left} bytes that follow can hold");
    }

    /// <summary>A name: text that must be valid UTF-8.</summary>
    public string ReadName(string what)
    {
        ReadOnlySpan<byte> text = Take(Read<ulong>(what), what);
        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw Wrong($"{what} is not UTF-8 text");
    }

    public GgufValue ReadValue(string key) => ReadValue(ReadType(key), key, 0);

    /// <summary>An error about the place that was read last.</summary>
    public readonly MmkException Wrong(string reason) => DataErrors.Gguf(file, $"{reason} (byte {Position})");

    private GgufValue ReadValue(GgufValueType type, string key, int depth) => type switch
    {
        GgufValueType.U8 => new(type, null, Read<byte>(key)),
        GgufValueType.I8 => new(type, null, Read<sbyte>(key)),
        GgufValueType.U16 => new(type, null, Read<ushort>(key)),
        GgufValueType.I16 => new(type, null, Read<short>(key)),
        GgufValueType.U32 => new(type, null, Read<uint>(key)),
        GgufValueType.I32 => new(type, null, Read<int>(key)),
        GgufValueType.U64 => new(type, null, Read<ulong>(key)),
        GgufValueType.I64 => new(type, null, Read<long>(key)),
        GgufValueType.F32 => new(type, null, Read<float>(key)),
        GgufValueType.F64 => new(type, null, Read<double>(key)),
        GgufValueType.Bool => new(type, null, ReadBool(key)),
        GgufValueType.String => new(type, null, ReadText(key)),
        _ => ReadArray(key, depth + 1),
    };

    private GgufValue ReadArray(string key, int depth)
    {
        if (depth > MaxDepth) throw Wrong($"the value of {DataErrors.Quote(key)} nests arrays deeper than {MaxDepth}");
        GgufValueType type = ReadType(key);
        object elements = type switch
        {
            GgufValueType.U8 => ReadMany<byte>(key),
            GgufValueType.I8 => ReadMany<sbyte>(key),
            GgufValueType.U16 => ReadMany<ushort>(key),
            GgufValueType.I16 => ReadMany<short>(key),
            GgufValueType.U32 => ReadMany<uint>(key),
            GgufValueType.I32 => ReadMany<int>(key),
            GgufValueType.U64 => ReadMany<ulong>(key),
            GgufValueType.I64 => ReadMany<long>(key),
            GgufValueType.F32 => ReadMany<float>(key),
            GgufValueType.F64 => ReadMany<double>(key),
            GgufValueType.Bool => ReadBools(key),
            GgufValueType.String => ReadTexts(key),
            _ => ReadArrays(key, depth),
        };
        return new GgufValue(GgufValueType.Array, type, elements);
    }

    private T[] ReadMany<T>(string key)
        where T : unmanaged
    {
        int count = ReadCount(Unsafe.SizeOf<T>(), key);
        return MemoryMarshal.Cast<byte, T>(Take((ulong)count * (ulong)Unsafe.SizeOf<T>(), key)).ToArray();
    }

    private bool[] ReadBools(string key)
    {
        var values = new bool[ReadCount(1, key)];
        for (int i = 0; i < values.Length; i++) values[i] = ReadBool(key);
        return values;
    }

    private string[] ReadTexts(string key)
    {
        var values = new string[ReadCount(sizeof(ulong), key)];
        for (int i = 0; i < values.Length; i++) values[i] = ReadText(key);
        return values;
    }

    private GgufValue[] ReadArrays(string key, int depth)
    {
        var values = new GgufValue[ReadCount(sizeof(uint) + sizeof(ulong), key)];
        for (int i = 0; i < values.Length; i++) values[i] = ReadArray(key, depth + 1);
        return values;
    }

    private bool ReadBool(string key)
    {
        byte value = Read<byte>(key);
        return value <= 1 ? value == 1 : throw Wrong($"the boolean {DataErrors.Quote(key)} is {value}");
    }

    /// <summary>A text value. Vocabularies hold pieces that are no UTF-8 on their own: those bytes become U+FFFD.</summary>
    private string ReadText(string key) => Encoding.UTF8.GetString(Take(Read<ulong>(key), key));

    private GgufValueType ReadType(string key)
    {
        uint type = Read<uint>(key);
        return type <= (uint)GgufValueType.F64 ? (GgufValueType)type : throw Wrong($"the value of {DataErrors.Quote(key)} has the unknown type {type}");
    }

    private ReadOnlySpan<byte> Take(ulong count, string what)
    {
        if (count > (ulong)Left) throw Wrong($"{DataErrors.Quote(what)} needs {count} bytes where {Left} follow");
        ReadOnlySpan<byte> taken = bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }
}
