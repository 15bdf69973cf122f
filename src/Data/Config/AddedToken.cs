using System.Text.Json;

namespace MmKernels.Data;

/// <summary>A token that is matched in the text before the tokenizer's model sees it.</summary>
/// <param name="Content">The text of the token.</param>
/// <param name="SingleWord">Matches only between word boundaries.</param>
/// <param name="StripLeft">Takes the white space on its left with it.</param>
/// <param name="StripRight">Takes the white space on its right with it.</param>
/// <param name="Normalized">Matches in the normalised text; where false, in the raw text.</param>
/// <param name="Special">Left out when a text is decoded without special tokens.</param>
public sealed record AddedToken(string Content, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized, bool Special)
{
    /// <summary>A token as configs write it: its text, or an object with flags. A plain text is a special token where the key says so.</summary>
    internal static AddedToken? Read(ConfigObject owner, string key, bool special)
    {
        if (owner.Find(key) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Object ? Read(owner.Object(key), special) : new AddedToken(owner.String(key), false, false, false, !special, special);
    }

    internal static AddedToken Read(ConfigObject token, bool special)
    {
        special = token.Bool("special", special);
        return new AddedToken(token.String("content"), token.Bool("single_word", false), token.Bool("lstrip", false), token.Bool("rstrip", false),
            token.Bool("normalized", !special), special);
    }
}
