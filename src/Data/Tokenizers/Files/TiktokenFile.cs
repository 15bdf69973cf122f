using System.Buffers.Text;
using System.Globalization;

namespace MmKernels.Data.Tokenizers;

/// <summary>A .tiktoken file: one token a line, base64 and rank. Words and special tokens are those of Qwen, whose checkpoints hold such files.</summary>
internal static class TiktokenFile
{
    public static Tokenizer Parse(ReadOnlyMemory<byte> utf8, string name, IEnumerable<string> specialTokens)
    {
        var ids = new Dictionary<string, int>();
        var ranked = new List<(string Token, int Rank)>();
        foreach ((int number, string line) in TextLines.Of(utf8, name))
        {
            if (line.Length == 0) continue;
            string[] fields = line.Split(' ');
            if (fields.Length != 2 || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int rank)) throw TextErrors.VocabularyFile(name, number, "a line is base64, a space and a rank");
            var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(fields[0].Length) + 3];
            if (!Convert.TryFromBase64String(fields[0], bytes, out int count) || count == 0) throw TextErrors.VocabularyFile(name, number, "the token is not base64 or is empty");
            string token = string.Concat(bytes.AsSpan(0, count).ToArray().Select(b => (char)ByteCharacters.Code(b)));
            if (!ids.TryAdd(token, rank)) throw TextErrors.VocabularyFile(name, number, "the token is there twice");
            ranked.Add((token, rank));
        }
        var used = new HashSet<int>(ids.Values);
        if (used.Count != ids.Count) throw TextErrors.Vocabulary(name, "two tokens have the same rank");
        for (int b = 0; b < 256; b++)
            if (!ids.ContainsKey(((char)ByteCharacters.Code(b)).ToString())) throw TextErrors.Vocabulary(name, $"the byte 0x{b:X2} has no rank");
        var vocabulary = new Vocabulary(ids);
        var model = new BpeModel(vocabulary, BpeMerge.OfRankedTokens(vocabulary, ranked, name), new BpeOptions(null, "", "", false, false, true), name);
        return new Tokenizer(specialTokens.Select(token => new AddedToken(token, false, false, false, false, true)), new FormNormalizer(false, true), BpeFiles.QwenWords(name), model, null, new ByteLevelDecoder());
    }
}
