namespace MmKernels.Data.Tokenizers;

/// <summary>The added tokens that a folder without tokenizer.json declares, in the order of their ids.</summary>
internal static class AddedTokenList
{
    /// <summary>added_tokens_decoder, then added_tokens.json, then the named special tokens that neither has.</summary>
    public static List<AddedToken> Of(TokenizerConfig? config)
    {
        var tokens = new List<AddedToken>();
        if (config is null) return tokens;
        List<AddedToken> named = [.. Named(config)];
        tokens.AddRange(config.AddedTokensById().Values);
        foreach ((string content, _) in config.AddedTokens.OrderBy(pair => pair.Value))
            Add(named.Find(token => token.Content == content) ?? new AddedToken(content, false, false, false, true, false));
        foreach (AddedToken token in named) Add(token);
        return tokens;

        void Add(AddedToken token)
        {
            if (!tokens.Exists(other => other.Content == token.Content)) tokens.Add(token);
        }
    }

    private static IEnumerable<AddedToken> Named(TokenizerConfig config)
    {
        foreach (AddedToken? token in new[] { config.Bos, config.Eos, config.Unk, config.Sep, config.Pad, config.Cls, config.Mask })
            if (token is not null) yield return token;
        foreach (AddedToken token in config.AdditionalSpecialTokens()) yield return token;
    }
}
