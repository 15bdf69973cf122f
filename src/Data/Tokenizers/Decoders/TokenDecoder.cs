namespace MmKernels.Data.Tokenizers;

/// <summary>A decoder that rewrites every token by itself, knowing its index and how many there are.</summary>
internal abstract record TokenDecoder : Decoder
{
    public override List<string> Apply(List<string> tokens)
    {
        long length = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            tokens[i] = Rewrite(tokens[i], i, tokens.Count);
            CheckGrowth(length += tokens[i].Length, tokens.Count);
        }
        return tokens;
    }

    protected abstract string Rewrite(string token, int index, int count);
}
