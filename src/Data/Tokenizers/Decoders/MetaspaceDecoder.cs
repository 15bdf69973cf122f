using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Marks become spaces; those of the first token vanish if the pre-tokenizer put one there.</summary>
internal sealed record MetaspaceDecoder(int Mark, PrependScheme Scheme) : TokenDecoder
{
    protected override string Rewrite(string token, int index, int count)
    {
        string space = index == 0 && Scheme != PrependScheme.Never ? "" : " ";
        return token.Replace(new Rune(Mark).ToString(), space);
    }
}
