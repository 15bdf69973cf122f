using MmKernels.Data.Tokenizers;

namespace MmKernels.Fuzz;

/// <summary>The regular expressions of tokenizer files: syntax, then matching within the step limit.</summary>
public sealed class RegexTarget : FuzzTarget
{
    private static readonly int[][] texts = [[], CodePoints.Of("Hello, it's 3.14!\r\n  日本語 éa\u0301 🙂"), CodePoints.Of(new string('a', 200)), CodePoints.Of(new string(' ', 200) + "x")];

    public override string Name => "regex";

    public override int MaxInputBytes => 512;

    public override int MaxMilliseconds => 2000;

    public override long MaxAllocatedBytes(int inputBytes) => 256L << 20;

    public override IReadOnlyList<string> Words { get; } =
    [
        "(?i:", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?#", "(?x)", ")", "[^", "[[:alpha:]", "]", "&&", "\\p{L}", "\\P{Lu}", "\\p{^Han}", "\\s", "\\S", "\\w", "\\d", "\\b", "\\B", "\\R", "\\A", "\\z", "\\x{10FFFF}", "\\u00e9", "\\1",
        "{1,3}", "{1000}", "{,2}", "{2}?", "*", "+", "?", "*+", "+?", "??", "|", "^", "$", ".", "(a*)*", "(a|a)*b",
    ];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        @"<\|startoftext\|>|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", @"(a+)+$", @"(?<=a{1,3})b|(?>a|ab)c|[a-z&&[^b]]++", @"\w+|[^\w\s]+", " {2,}", "",
    }.Select(System.Text.Encoding.UTF8.GetBytes);

    public override void Run(byte[] input)
    {
        var pattern = new RegexPattern(System.Text.Encoding.UTF8.GetString(input), "fuzz");
        foreach (int[] text in texts)
        {
            var matches = new List<(int Start, int End)>();
            try { pattern.FindAll(text, matches); }
            catch (MmkException) { continue; }
            int done = 0;
            foreach ((int start, int end) in matches)
            {
                if (start < done || end < start || end > text.Length) throw new InvalidOperationException($"the match [{start}, {end}) behind {done} in {text.Length}");
                done = end;
            }
        }
    }
}
