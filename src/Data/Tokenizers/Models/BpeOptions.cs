namespace MmKernels.Data.Tokenizers;

/// <summary>What a BPE model does beside merging.</summary>
/// <param name="UnknownToken">Stands for a character without a symbol; without it such a character vanishes.</param>
/// <param name="ContinuingPrefix">Put before every symbol but a word's first.</param>
/// <param name="EndOfWordSuffix">Put behind a word's last symbol.</param>
/// <param name="FuseUnknown">Neighbouring unknown characters become one token.</param>
/// <param name="ByteFallback">An unknown character becomes its UTF-8 bytes' tokens &lt;0x00&gt; … &lt;0xFF&gt;, if all of them exist.</param>
/// <param name="IgnoreMerges">A word that is in the vocabulary is taken as it is.</param>
internal sealed record BpeOptions(string? UnknownToken, string ContinuingPrefix, string EndOfWordSuffix, bool FuseUnknown, bool ByteFallback, bool IgnoreMerges);
