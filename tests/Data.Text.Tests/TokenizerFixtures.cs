using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Tests;

/// <summary>Reads what goldens/tokenizers records, also where it is compressed.</summary>
internal static class TokenizerFixtures
{
    private static readonly ConcurrentDictionary<string, Lazy<Tokenizer>> Tokenizers = new();

    public static IEnumerable<string> Folders => Goldens.Folders("tokenizers", firstOfRepository: true);

    public static byte[] Read(string path)
    {
        if (File.Exists(path)) return File.ReadAllBytes(path);
        using var zip = new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        zip.CopyTo(bytes);
        return bytes.ToArray();
    }

    public static bool Exists(string path) => File.Exists(path) || File.Exists(path + ".gz");

    public static Tokenizer Load(string path) => Tokenizers.GetOrAdd(path, key => new Lazy<Tokenizer>(() => Tokenizer.Parse(Read(key), key))).Value;

    public static int[] Ints(this JsonElement element) => element.Deserialize<int[]>()!;

    public static int[] Flat(this IEnumerable<Offset> offsets) => [.. offsets.SelectMany(offset => new[] { offset.Start, offset.End })];

    /// <summary>-1 for null, as word and sequence ids are recorded in either way.</summary>
    public static int[] IntsOrMinusOne(this JsonElement element) => [.. element.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? -1 : item.GetInt32())];
}
