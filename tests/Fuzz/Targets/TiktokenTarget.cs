using MmKernels.Data.Tokenizers;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>.tiktoken files.</summary>
public sealed class TiktokenTarget : TokenizerTarget
{
    public override string Name => "tiktoken";

    public override IReadOnlyList<string> Words { get; } = ["IQ== 0\n", "IQ==", " ", "\n", "\r\n", "2147483647", "4294967296", "-1", "////////////////"];

    public override IEnumerable<byte[]> Seeds() => Goldens.Folders("qwen_vl").Concat(Goldens.Folders("monkey")).Select(folder => Path.Combine(folder, "qwen.tiktoken")).Where(File.Exists).Select(File.ReadAllBytes);

    public override void Run(byte[] input) => Use(TiktokenFile.Parse(input, "fuzz", ["<|endoftext|>"]));
}
