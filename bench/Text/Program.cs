using System.IO.Compression;
using System.Text;
using Encoding = System.Text.Encoding;
using MmKernels.Data.Tokenizers;

// Speed of tokenizing, in megabytes of UTF-8 a second of processor time (collector and compiler included), beside the size of the text.
// The first argument is a folder of tokenizers (goldens/tokenizers by default), the others name some of them.
string root = args.Length > 0 ? args[0] : Path.Combine(Repository(), "tests", "goldens", "tokenizers");
string[] names = args.Length > 1 ? args[1..] : ["llama2", "llama3", "qwen3", "clip", "bert", "tiny_t5"];
(string Name, string Text)[] texts =
[
    ("prose", Prose(4_000_000)),
    ("unique words", UniqueWords(1_000_000)),
    ("one letter", new string('a', 1_000_000)),
    ("spaces", new string(' ', 1_000_000)),
    ("ideographs", string.Concat(Enumerable.Range(0, 300_000).Select(i => (char)(0x4E00 + i * 7919 % 20000)))),
];
Console.WriteLine($"{"tokenizer",-10} {"text",-14} {"bytes",9} {"tokens",9} {"MB/s",8}");
foreach (string name in names)
{
    string path = Path.Combine(root, name, "tokenizer.json");
    if (!File.Exists(path) && !File.Exists(path + ".gz"))
    {
        Console.WriteLine($"{name,-10} is not there");
        continue;
    }
    Tokenizer tokenizer = Tokenizer.Parse(Read(path), path);
    foreach ((string text, string content) in texts)
    {
        int bytes = Encoding.UTF8.GetByteCount(content), tokens = 0;
        double best = double.MaxValue;
        for (int run = 0; run < 4; run++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            tokens = tokenizer.Encode(content).Length;
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        }
        Console.WriteLine($"{name,-10} {text,-14} {bytes,9} {tokens,9} {bytes / best / 1e6,8:F1}");
    }
}

static byte[] Read(string path)
{
    if (File.Exists(path)) return File.ReadAllBytes(path);
    using var zip = new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress);
    using var bytes = new MemoryStream();
    zip.CopyTo(bytes);
    return bytes.ToArray();
}

// Sentences of English words in changing order, with numbers and punctuation.
static string Prose(int length)
{
    string[] words = ("the quick brown fox jumps over a lazy dog while every engineer who measures throughput should remember that tokenizers see words of very " +
        "different lengths and frequencies such as internationalization pipeline kernel matrix attention image describe question answer there is not much we can do " +
        "about it don't worry they've said I'm sure you'd agree it's fine").Split(' ');
    var text = new StringBuilder(length + 64);
    for (uint state = 1, n = 0; text.Length < length; n++)
    {
        state = state * 1664525 + 1013904223;
        text.Append(words[(state >> 8) % words.Length]).Append(n % 17 == 16 ? ". " : n % 29 == 28 ? $", {state % 10000} " : n % 97 == 96 ? "\n\n" : " ");
    }
    return text.ToString();
}

static string UniqueWords(int length)
{
    var text = new StringBuilder(length + 64);
    for (uint state = 1; text.Length < length;)
    {
        for (int i = 0; i < 9; i++)
        {
            state = state * 1664525 + 1013904223;
            text.Append((char)('a' + (state >> 16) % 26));
        }
        text.Append(' ');
    }
    return text.ToString();
}

static string Repository()
{
    for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        if (File.Exists(Path.Combine(folder.FullName, "MmKernels.sln"))) return folder.FullName;
    return ".";
}
