using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MmKernels.Data;

/// <summary>
/// The start of a safetensors file: eight bytes of length, then JSON that says where each tensor lies. Accepts and refuses what the Rust library
/// (safetensors 0.8) does, in its order of checks; stricter where that one silently drops data: names and metadata keys must be unique, entries must be objects.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Longest header in bytes: the limit of the Rust library.</summary>
    public const ulong MaxHeaderBytes = 100_000_000;

    /// <summary>Deepest nesting: serde_json's recursion limit.</summary>
    private const int MaxDepth = 127;

    private readonly string file;
    private readonly List<SafetensorsEntry> entries = [];
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);
    private readonly List<ulong> numbers = [];
    private bool hasMetadata;

    private SafetensorsHeader(string file) => this.file = file;

    /// <summary>Bytes before the data: 8 plus the length of the JSON.</summary>
    public long DataStart { get; private init; }

    /// <summary>In the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => entries;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Reads the header of a file.</summary>
    /// <param name="start">The file from its first byte on; at least the header where the file has one.</param>
    /// <param name="fileBytes">Size of the whole file.</param>
    /// <param name="file">The name that errors mention.</param>
    /// <exception cref="MmkException">MMK403, MMK404, MMK405.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> start, long fileBytes, string file)
    {
        if (fileBytes < 8) throw DataErrors.SafetensorsLength(file, $"header too small: {fileBytes} bytes where the length of the header takes 8");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > MaxHeaderBytes) throw DataErrors.SafetensorsLength(file, $"header too large: {length} bytes declared, at most {MaxHeaderBytes} allowed", Recognise(start));
        if (length > (ulong)fileBytes - 8) throw DataErrors.SafetensorsLength(file, $"invalid header length: {length} bytes declared, {fileBytes - 8} follow", Recognise(start));
        ReadOnlySpan<byte> json = start.Slice(8, (int)length);
        if (!Utf8.IsValid(json)) throw DataErrors.SafetensorsHeader(file, "it is not UTF-8 text");

        var header = new SafetensorsHeader(file) { DataStart = 8 + (long)length };
        header.ReadJson(json);
        header.CheckLayout((ulong)fileBytes - 8 - length);
        return header;
    }

    private void ReadJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw Wrong(ref reader, "the header must be an object");
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                Next(ref reader);
                if (name == "__metadata__") ReadMetadata(ref reader);
                else if (names.Add(name)) ReadEntry(ref reader, name);
                else throw Wrong(ref reader, $"the tensor {DataErrors.Quote(name)} is declared twice");
            }
            reader.Read();   // throws where anything but white space follows
        }
        catch (JsonException e) { throw DataErrors.SafetensorsHeader(file, $"invalid JSON at byte {8 + reader.BytesConsumed}: {DataErrors.Show(e.Message)}", e); }
        catch (InvalidOperationException e) { throw DataErrors.SafetensorsHeader(file, $"a string at byte {8 + reader.TokenStartIndex} has an escape that is half a surrogate pair", e); }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (hasMetadata) throw Wrong(ref reader, "__metadata__ is declared twice");
        hasMetadata = true;
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.StartObject) throw Wrong(ref reader, "__metadata__ must be an object of strings");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (Next(ref reader) != JsonTokenType.String) throw Wrong(ref reader, $"the value of the metadata key {DataErrors.Quote(key)} must be a string");
            if (!metadata.TryAdd(key, reader.GetString()!)) throw Wrong(ref reader, $"the metadata key {DataErrors.Quote(key)} is there twice");
        }
    }

    private void ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw Wrong(ref reader, $"the entry of the tensor {DataErrors.Quote(name)} must be an object");
        TensorFormat? format = null;
        ulong[]? dims = null;
        (ulong Begin, ulong End)? offsets = null;
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            // Compared in place: a header has three such names per tensor.
            bool isFormat = reader.ValueTextEquals("dtype"u8), isShape = reader.ValueTextEquals("shape"u8), isOffsets = reader.ValueTextEquals("data_offsets"u8);
            string field = isFormat ? "dtype" : isShape ? "shape" : isOffsets ? "data_offsets" : reader.GetString()!;
            Next(ref reader);
            if ((isFormat && format is not null) || (isShape && dims is not null) || (isOffsets && offsets is not null))
                throw Wrong(ref reader, $"the tensor {DataErrors.Quote(name)} has the field {field} twice");
            if (isFormat) format = ReadFormat(ref reader, name);
            else if (isShape) dims = ReadNumbers(ref reader, name, field);
            else if (isOffsets) offsets = ReadOffsets(ref reader, name, field);
            else SkipChecked(ref reader);
        }
        string? missing = format is null ? "dtype" : dims is null ? "shape" : offsets is null ? "data_offsets" : null;
        if (missing is not null) throw Wrong(ref reader, $"the tensor {DataErrors.Quote(name)} has no field {missing}");
        entries.Add(new SafetensorsEntry(name, format!.Value, dims!, offsets!.Value.Begin, offsets.Value.End));
    }

    /// <summary>Passes over an unknown field. The library keeps its value for a moment, so that its strings and numbers must be ones that it can hold.</summary>
    private void SkipChecked(ref Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        do
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped) reader.GetString();
            else if (reader.TokenType == JsonTokenType.Number && !(reader.TryGetDouble(out double number) && double.IsFinite(number))) throw Wrong(ref reader, "a number is out of range");
        }
        while ((reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || reader.CurrentDepth > depth) && reader.Read());
    }

    private TensorFormat ReadFormat(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String) throw Wrong(ref reader, $"dtype of the tensor {DataErrors.Quote(name)} must be a string");
        if (!reader.ValueIsEscaped && TensorFormats.TryFromSafetensors(reader.ValueSpan, out TensorFormat format)) return format;
        string dtype = reader.GetString()!;
        return TensorFormats.TryFromSafetensors(Encoding.UTF8.GetBytes(dtype), out format) ? format
            : throw Wrong(ref reader, $"the tensor {DataErrors.Quote(name)} has the unknown dtype {DataErrors.Quote(dtype)}");
    }

    private (ulong Begin, ulong End) ReadOffsets(ref Utf8JsonReader reader, string name, string field)
    {
        ulong[] offsets = ReadNumbers(ref reader, name, field);
        return offsets.Length == 2 ? (offsets[0], offsets[1])
            : throw Wrong(ref reader, $"data_offsets of the tensor {DataErrors.Quote(name)} has {offsets.Length} numbers where 2 are needed");
    }

    /// <summary>A list of plain non-negative integers below 2^64.</summary>
    private ulong[] ReadNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw Wrong(ref reader, $"{field} of the tensor {DataErrors.Quote(name)} must be a list");
        numbers.Clear();
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !TryPlainNumber(reader.ValueSpan, out ulong number))
                throw Wrong(ref reader, $"{field} of the tensor {DataErrors.Quote(name)} holds something other than integers from 0 to 2^64-1");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private static bool TryPlainNumber(ReadOnlySpan<byte> digits, out ulong number)
    {
        number = 0;
        foreach (byte c in digits)
        {
            if (c is < (byte)'0' or > (byte)'9') return false;
            ulong digit = (ulong)(c - '0');
            if (number > (ulong.MaxValue - digit) / 10) return false;
            number = number * 10 + digit;
        }
        return true;
    }

    /// <summary>Tensors in the order of their offsets must tile the data exactly, and each must have the size that its shape needs.</summary>
    private void CheckLayout(ulong dataBytes)
    {
        entries.Sort(static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        ulong end = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Begin != end || entry.End < entry.Begin)
                throw DataErrors.SafetensorsLayout(file, entry.Name, $"data_offsets [{entry.Begin}, {entry.End}] do not continue where the tensor before ends, at {end}");
            end = entry.End;
            if (!TryBytes(entry, out ulong bytes, out string reason)) throw DataErrors.SafetensorsLayout(file, entry.Name, reason);
            if (bytes != entry.End - entry.Begin)
                throw DataErrors.SafetensorsLayout(file, entry.Name, $"its dtype and shape need {bytes} bytes, its data_offsets give {entry.End - entry.Begin}");
        }
        if (end != dataBytes) throw DataErrors.SafetensorsLength(file, $"the header declares {end} bytes of data, the file holds {dataBytes}");
    }

    private static bool TryBytes(SafetensorsEntry entry, out ulong bytes, out string reason)
    {
        (bytes, reason) = (0, "its size overflows 64 bits");
        ulong elements = 1;
        foreach (ulong dim in entry.Dims)
        {
            if (Math.BigMul(elements, dim, out elements) != 0) return false;
        }
        if (Math.BigMul(elements, (ulong)entry.Format.BlockBits(), out ulong bits) != 0) return false;
        (bytes, reason) = (bits / 8, $"{bits} bits are no whole number of bytes");
        return bits % 8 == 0;
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader)
    {
        reader.Read();   // never false inside an object: the reader throws where the text ends early
        return reader.TokenType;
    }

    private MmkException Wrong(ref Utf8JsonReader reader, string reason) => DataErrors.SafetensorsHeader(file, $"{reason} (byte {8 + reader.TokenStartIndex})");

    /// <summary>What else the file might be, for the hint.</summary>
    private static string? Recognise(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version https://git-lfs"u8[..8])) return "It is a Git LFS pointer: fetch the file itself with `git lfs pull`";
        if (start.StartsWith("GGUF"u8)) return "It is a GGUF file: give it the ending .gguf";
        if (start.StartsWith("PK\x03\x04"u8) || start.StartsWith("\x80\x02"u8)) return "It is a PyTorch pickle: convert it to safetensors";
        if (start[0] == '<') return "It is a web page, perhaps the error page of a download";
        return null;
    }
}
