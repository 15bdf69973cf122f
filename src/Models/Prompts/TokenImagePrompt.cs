using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Models;

/// <summary>The marker is a token of the vocabulary: processors of the hub.</summary>
public sealed record TokenImagePrompt(PreprocessPlan Preprocessing, int ImageToken) : ImagePrompt(Preprocessing)
{
    public override int Placeholder => ImageToken;

    public override int[] Tokenize(Tokenizer tokenizer, string text, bool addSpecialTokens) => [.. tokenizer.Encode(text, addSpecialTokens).Ids];
}
