using MmKernels.Data.Tokenizers;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>A tokenizer that is read from an input and then used on a few texts; what reading costs is part of the limits.</summary>
public abstract class TokenizerTarget : FuzzTarget
{
    private static readonly string[] texts =
    [
        "", "a", "Hello, world! It's 3.14 <s> </s>", "ab aab  \n\t ▁x", "日本語 éÀ ﬁ ½ 한국어", "🙂\U00010330\u0301\uFFFD", "\ud800", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    ];

    /// <summary>Tables of a tokenizer that do not depend on the input, and what a text may grow to.</summary>
    public override long MaxAllocatedBytes(int inputBytes) => (256L << 20) + (4096L * inputBytes);

    public override int MaxMilliseconds => 2000;

    /// <summary>Encodes, decodes and streams.</summary>
    protected static void Use(Tokenizer tokenizer)
    {
        foreach (string text in texts)
        {
            try
            {
                Encoding encoding = tokenizer.Encode(text);
                _ = encoding.Tokens.Count;
                tokenizer.Decode(encoding.Ids);
                TokenStream stream = tokenizer.Stream(skipSpecialTokens: false);
                foreach (int id in encoding.Ids.Take(16)) stream.Add(id);
                stream.Flush();
                tokenizer.Encode(text, "b a", addSpecialTokens: false);
            }
            catch (MmkException) { }   // one text is refused, the others may not be
        }
        tokenizer.Decode([0, 1, 2, int.MaxValue, -1]);
        _ = tokenizer.VocabularySize;
    }

    /// <summary>Files of goldens/tokenizers that match, small ones first; compressed and large ones are left out.</summary>
    protected static IEnumerable<byte[]> Files(string pattern, int largest)
        => Goldens.Folders("tokenizers", firstOfRepository: true)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(path => !path.Contains("expected", StringComparison.Ordinal) && !path.EndsWith("index.json", StringComparison.Ordinal) && new FileInfo(path).Length <= largest)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
}
