using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MmKernels.Data;

/// <summary>
/// Writes safetensors files, byte for byte as the Rust library does: tensors by descending dtype, then by name; the header padded with spaces to a multiple of 8.
/// (That library writes several metadata keys in random order; here they are sorted.)
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>The library's order of dtypes, which is ascending in alignment.</summary>
    private static readonly TensorFormat[] order =
    [
        TensorFormat.Bool, TensorFormat.F4, TensorFormat.F6E2M3, TensorFormat.F6E3M2, TensorFormat.U8, TensorFormat.I8, TensorFormat.F8E5M2, TensorFormat.F8E4M3,
        TensorFormat.F8E8M0, TensorFormat.F8E4M3Fnuz, TensorFormat.F8E5M2Fnuz, TensorFormat.I16, TensorFormat.U16, TensorFormat.F16, TensorFormat.BF16,
        TensorFormat.I32, TensorFormat.U32, TensorFormat.F32, TensorFormat.C64, TensorFormat.F64, TensorFormat.I64, TensorFormat.U64,
    ];

    /// <summary>Writes a file; an existing one is replaced once the new one is complete.</summary>
    /// <exception cref="MmkException">MMK414: the file cannot be written. MMK415: a tensor that the format cannot hold, or whose bytes do not fit its shape.</exception>
    public static void Write(string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        string partial = path + ".partial";
        try
        {
            using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
                Write(file, path, tensors, metadata);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e)
        {
            if (File.Exists(partial)) File.Delete(partial);
            if (e is IOException or UnauthorizedAccessException) throw DataErrors.FileUnwritable(path, DataErrors.Show(e.Message), e);
            throw;
        }
    }

    private static void Write(Stream stream, string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        TensorToWrite[] sorted = [.. tensors.OrderByDescending(tensor => Rank(path, tensor)).ThenBy(tensor => Encoding.UTF8.GetBytes(tensor.Name), ByteOrder)];
        byte[] header = Header(path, sorted, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (TensorToWrite tensor in sorted)
        {
            long start = stream.Position;
            tensor.WriteBytes(stream);
            if (stream.Position - start != Bytes(path, tensor))
                throw DataErrors.TensorUnwritable(path, tensor.Name, $"{tensor.Format.Name()} {tensor.Shape} needs {Bytes(path, tensor)} bytes, {stream.Position - start} were written");
        }
    }

    private static byte[] Header(string path, TensorToWrite[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new StringBuilder("{");
        if (metadata is not null)
        {
            json.Append("\"__metadata__\":{");
            foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                if (json[^1] != '{') json.Append(',');
                AppendString(json, key);
                json.Append(':');
                AppendString(json, value);
            }
            json.Append('}');
        }
        long begin = 0;
        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        foreach (TensorToWrite tensor in tensors)
        {
            if (!names.Add(tensor.Name)) throw DataErrors.TensorUnwritable(path, tensor.Name, "the name is taken");
            long end = checked(begin + Bytes(path, tensor));
            if (json.Length > 1) json.Append(',');
            AppendString(json, tensor.Name);
            json.Append(CultureInfo.InvariantCulture, $":{{\"dtype\":\"{tensor.Format.Name()}\",\"shape\":[{string.Join(',', tensor.Shape.Dims.ToArray())}],\"data_offsets\":[{begin},{end}]}}");
            begin = end;
        }
        byte[] utf8 = Encoding.UTF8.GetBytes(json.Append('}').ToString());
        if (utf8.Length > (int)SafetensorsHeader.MaxHeaderBytes - 8) throw DataErrors.TensorUnwritable(path, "", $"the header has {utf8.Length} bytes, more than the format allows");
        var padded = new byte[(utf8.Length + 7) / 8 * 8];
        padded.AsSpan().Fill((byte)' ');
        utf8.CopyTo(padded, 0);
        return padded;
    }

    private static int Rank(string path, TensorToWrite tensor)
    {
        int rank = Array.IndexOf(order, tensor.Format);
        return rank >= 0 ? rank : throw DataErrors.TensorUnwritable(path, tensor.Name, $"safetensors has no dtype {tensor.Format.Name()}");
    }

    private static long Bytes(string path, TensorToWrite tensor)
    {
        Int128 bits = (Int128)tensor.Shape.Elements * tensor.Format.BlockBits();
        if (bits % 8 != 0 || bits > long.MaxValue) throw DataErrors.TensorUnwritable(path, tensor.Name, $"{tensor.Format.Name()} {tensor.Shape} takes {bits} bits, no whole number of bytes below 2^60");
        return (long)(bits / 8);
    }

    /// <summary>JSON with the few escapes that serde_json writes.</summary>
    private static void AppendString(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }
        json.Append('"');
    }

    private static readonly Comparer<byte[]> ByteOrder = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));
}
