using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Models;

/// <summary>How pictures enter the prompt.</summary>
/// <param name="Preprocessing">What is done to a picture before the encoder.</param>
public abstract record ImagePrompt(PreprocessPlan Preprocessing)
{
    /// <summary>What stands for a picture in a prompt's text.</summary>
    public const string Marker = "<image>";

    /// <summary>The id that stands for one picture (before expansion) or for one of its rows (after it).</summary>
    public abstract int Placeholder { get; }

    /// <summary>A text with markers as ids, one <see cref="Placeholder"/> for each marker.</summary>
    /// <param name="tokenizer">The checkpoint's tokenizer.</param>
    /// <param name="text">The whole prompt.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer adds its special tokens.</param>
    public abstract int[] Tokenize(Tokenizer tokenizer, string text, bool addSpecialTokens);
}

/// <summary>The marker is a token of the vocabulary: processors of the hub.</summary>
public sealed record TokenImagePrompt(PreprocessPlan Preprocessing, int ImageToken) : ImagePrompt(Preprocessing)
{
    public override int Placeholder => ImageToken;

    public override int[] Tokenize(Tokenizer tokenizer, string text, bool addSpecialTokens) => [.. tokenizer.Encode(text, addSpecialTokens).Ids];
}

/// <summary>
/// The text between markers is tokenised piece by piece, the beginning-of-sequence token of all pieces but the first dropped: the original LLaVA
/// (tokenizer_image_token).
/// </summary>
public sealed record ChunkedImagePrompt(PreprocessPlan Preprocessing, int BeginToken) : ImagePrompt(Preprocessing)
{
    public override int Placeholder => -200;

    public override int[] Tokenize(Tokenizer tokenizer, string text, bool addSpecialTokens)
    {
        var ids = new List<int>();
        string[] pieces = text.Split(Marker);
        for (int i = 0; i < pieces.Length; i++)
        {
            int[] piece = [.. tokenizer.Encode(pieces[i], addSpecialTokens).Ids];
            if (i > 0) ids.Add(Placeholder);
            ids.AddRange(i > 0 && piece.Length > 0 && piece[0] == BeginToken ? piece[1..] : piece);
        }
        return [.. ids];
    }
}
