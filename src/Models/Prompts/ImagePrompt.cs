using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Models;

/// <summary>How pictures enter the prompt.</summary>
/// <param name="Preprocessing">What is done to a picture before the encoder.</param>
public abstract record ImagePrompt(PreprocessPlan Preprocessing)
{
    /// <summary>What stands for a picture in a prompt's text, unless the system has a word of its own.</summary>
    public const string DefaultMarker = "<image>";

    /// <summary>What stands for a picture in a prompt's text.</summary>
    public string Marker { get; init; } = DefaultMarker;

    /// <summary>The id that stands for one picture (before expansion) or for one of its rows (after it).</summary>
    public abstract int Placeholder { get; }

    /// <summary>A text with markers as ids, one <see cref="Placeholder"/> for each marker.</summary>
    /// <param name="tokenizer">The checkpoint's tokenizer.</param>
    /// <param name="text">The whole prompt.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer adds its special tokens.</param>
    public abstract int[] Tokenize(Tokenizer tokenizer, string text, bool addSpecialTokens);
}
