using MmKernels.Data;
using MmKernels.Data.Tokenizers;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>sentencepiece .model files, as they are and as a folder's configuration uses them.</summary>
public sealed class SentencePieceTarget : TokenizerTarget
{
    private static readonly TokenizerConfig config = TokenizerConfig.Parse("{\"tokenizer_class\": \"LlamaTokenizer\", \"bos_token\": \"<s>\"}"u8.ToArray(), "fuzz");

    public override string Name => "sentencepiece";

    public override IReadOnlyList<string> Words { get; } = ["\u000a\u0005\u000a\u0003", "\u0012\u0002\u0018\u0002", "\u001a\u0000", "\u00ff\u00ff\u00ff\u00ff\u000f", "\u2581", "<0x41>", "\u0018\u0004"];

    public override IEnumerable<byte[]> Seeds() => Goldens.Folders("xcomposer").Concat(Goldens.Folders("xcomposer2_5")).Select(folder => Path.Combine(folder, "tokenizer.model")).Where(File.Exists).Select(File.ReadAllBytes)
        .Concat(Files("*.model", 1 << 20).Select(model => model.Length <= MaxInputBytes ? model : model[..MaxInputBytes]));

    public override void Run(byte[] input)
    {
        Use(SentencePieceFile.Parse(input, "fuzz", null));
        Use(SentencePieceFile.Parse(input, "fuzz", config));
    }
}
