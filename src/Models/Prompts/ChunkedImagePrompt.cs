using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Models;

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
