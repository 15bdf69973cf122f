using MmKernels.Data;
using MmKernels.Data.Tokenizers;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>vocab.json and merges.txt in one input, with a zero byte between them; without one the input is a vocab.txt.</summary>
public sealed class VocabularyTarget : TokenizerTarget
{
    private static readonly TokenizerConfig[] configs = [TokenizerConfig.Parse("{}"u8.ToArray(), "fuzz"),
        TokenizerConfig.Parse("{\"tokenizer_class\": \"CLIPTokenizer\", \"add_prefix_space\": true}"u8.ToArray(), "fuzz")];

    public override string Name => "vocabulary";

    public override bool IsText => true;

    public override IReadOnlyList<string> Words { get; } = ["{", "}", "\":", ",", "\"a\": 1", "#version: 0.2\n", "a b\n", "\0", "[UNK]\n", "[CLS]\n", "##a\n", "2147483647", "-1", "\\ud800", "\u0120"];

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (string folder in Goldens.Folders(Path.Combine("sd_pipeline", "tokenizer")).Concat(Goldens.Folders(Path.Combine("audioldm_pipeline", "tokenizer"))))
            yield return [.. File.ReadAllBytes(Path.Combine(folder, "vocab.json")), 0, .. File.ReadAllBytes(Path.Combine(folder, "merges.txt"))];
        yield return "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##a\n##b\nhello\n##lo\n,\n"u8.ToArray();
    }

    public override void Run(byte[] input)
    {
        int zero = Array.IndexOf(input, (byte)0);
        if (zero < 0)
        {
            Use(WordPieceFile.Parse(input, "fuzz", null));
            return;
        }
        foreach (TokenizerConfig config in configs)
            Use(BpeFiles.Parse(input.AsMemory(0, zero), "fuzz vocab.json", input.AsMemory(zero + 1), "fuzz merges.txt", config));
    }
}
