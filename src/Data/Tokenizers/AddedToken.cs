namespace MmKernels.Data.Tokenizers;

/// <summary>A token that is cut out of the text before the model sees it.</summary>
/// <param name="Content">The text that it matches.</param>
/// <param name="SingleWord">Matches only where neither neighbour is a word character.</param>
/// <param name="LeftStrip">Swallows white space on its left.</param>
/// <param name="RightStrip">Swallows white space on its right.</param>
/// <param name="Normalized">Is looked for in the normalized text, after normalizing its own content.</param>
/// <param name="Special">Decoding skips it on demand.</param>
public sealed record AddedToken(string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special)
{
    internal static AddedToken Parse(JsonView view) => new(view["content"].Text(), view["single_word"].Flag(), view["lstrip"].Flag(),
        view["rstrip"].Flag(), view["normalized"].Flag(), view["special"].Flag());
}
