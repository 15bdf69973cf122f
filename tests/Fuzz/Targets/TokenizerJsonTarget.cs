using MmKernels.Data.Tokenizers;

namespace MmKernels.Fuzz;

/// <summary>tokenizer.json: every stage's parser, then the stages themselves.</summary>
public sealed class TokenizerJsonTarget : TokenizerTarget
{
    public override string Name => "tokenizer-json";

    public override bool IsText => true;

    public override IReadOnlyList<string> Words { get; } =
    [
        "\"type\":", "\"BPE\"", "\"WordPiece\"", "\"Unigram\"", "\"WordLevel\"", "\"Sequence\"", "\"Replace\"", "\"Regex\":", "\"String\":", "\"Split\"", "\"ByteLevel\"", "\"Metaspace\"", "\"NFKC\"", "\"Precompiled\"",
        "\"Prepend\"", "\"TemplateProcessing\"", "\"Fixed\":", "\"stride\":", "\"max_length\":", "\"added_tokens\":", "\"normalized\":true", "\"special\":", "(?i:", "(a+)+$", "\\\\p{L}+", "(?=", "(?<!", "(?>", "[^\\\\s]", "{1,3}", "{1000}", "|", "*", "+?",
        "\\\\b", "&&", "{", "}", "[", "]", "null", "true", "1e999", "-1", "2147483647", "4294967296", "\\ud800", "\u2581", "<0x41>", "\"\"",
    ];

    public override IEnumerable<byte[]> Seeds() => Files("*.json", 8192);

    public override void Run(byte[] input) => Use(Tokenizer.Parse(input, "fuzz"));
}
