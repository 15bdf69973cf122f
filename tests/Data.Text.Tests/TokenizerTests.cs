using System.Text.Json;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Tests;

public class TokenizerTests
{
    public static TheoryData<string> Folders()
    {
        var data = new TheoryData<string>();
        foreach (string folder in TokenizerFixtures.Folders)
            foreach (string sub in Directory.GetDirectories(folder).Order())
                if (TokenizerFixtures.Exists(Path.Combine(sub, "cases.json"))) data.Add(sub);
        return data;
    }

    [Theory, MemberData(nameof(Folders))]
    public void Texts_GiveTheIdsOffsetsAndTextOfTheReference(string folder) => ForEachCase(folder, (tokenizer, head, item, text) =>
    {
        Encoding plain = tokenizer.Encode(text, addSpecialTokens: false), special = tokenizer.Encode(text);
        int[] ids = item.GetProperty("ids").Ints();
        Assert.Equal(ids, plain.Ids);
        Assert.Equal(item.TryGetProperty("ids_special", out JsonElement recorded) ? recorded.Ints()
            : [.. head.GetProperty("prefix").Ints(), .. ids, .. head.GetProperty("suffix").Ints()], special.Ids);
        if (item.TryGetProperty("offsets", out JsonElement offsets)) Assert.Equal(offsets.Ints(), plain.Offsets.Flat());
        string decoded = item.TryGetProperty("decode", out JsonElement decode) ? decode.GetString()! : text;
        Assert.Equal(decoded, tokenizer.Decode(ids, skipSpecialTokens: false));
        Assert.Equal(item.TryGetProperty("decode_skip", out JsonElement skip) ? skip.GetString() : decoded, tokenizer.Decode(ids));
    });

    [Theory, MemberData(nameof(Folders))]
    public void Streams_EmitAfterEveryIdWhatTheReferenceEmits(string folder) => ForEachCase(folder, (tokenizer, _, item, text) =>
    {
        if (item.TryGetProperty("stream", out JsonElement stream))
            Assert.Equal(stream.Deserialize<string?[]>(), Stream(tokenizer, item.GetProperty("ids").Ints(), false));
        if (item.TryGetProperty("stream_skip", out JsonElement skip))
            Assert.Equal(skip.Deserialize<string?[]>(), Stream(tokenizer, tokenizer.Encode(text).Ids, true));
    });

    [Theory, MemberData(nameof(Folders))]
    public void StreamedPieces_ConcatenateToTheDecodedText(string folder) => ForEachCase(folder, (tokenizer, _, item, text) =>
    {
        int[] ids = item.GetProperty("ids").Ints();
        TokenStream stream = tokenizer.Stream();
        Assert.Equal(tokenizer.Decode(ids), string.Concat(ids.Select(stream.Add)) + stream.Flush());
    });

    [Theory, MemberData(nameof(Folders))]
    public void Pairs_AreJoinedAsTheReferenceJoinsThem(string folder)
    {
        Tokenizer tokenizer = TokenizerFixtures.Load(Path.Combine(folder, "tokenizer.json"));
        using JsonDocument document = Cases(folder);
        foreach (JsonElement pair in document.RootElement.GetProperty("pairs").EnumerateArray())
        {
            Encoding encoding = tokenizer.Encode(pair.GetProperty("a").GetString()!, pair.GetProperty("b").GetString()!);
            Assert.Equal(pair.GetProperty("ids").Ints(), encoding.Ids);
            Assert.Equal(pair.GetProperty("type_ids").Ints(), encoding.TypeIds);
            Assert.Equal(pair.GetProperty("special_mask").Ints(), encoding.SpecialMask);
            Assert.Equal(pair.GetProperty("sequence_ids").IntsOrMinusOne(), encoding.Sequences);
            Assert.Equal(pair.GetProperty("offsets").Ints(), encoding.Offsets.Flat());
        }
    }

    [Theory, MemberData(nameof(Folders))]
    public void VocabularySizeAndSpelling_AreThoseOfTheReference(string folder)
    {
        Tokenizer tokenizer = TokenizerFixtures.Load(Path.Combine(folder, "tokenizer.json"));
        using JsonDocument document = Cases(folder);
        Assert.Equal(document.RootElement.GetProperty("vocab_size_with_added").GetInt32(), tokenizer.VocabularySize);
        string first = document.RootElement.GetProperty("cases")[0].GetProperty("text").GetString()!;
        Assert.Equal(document.RootElement.GetProperty("tokens_of_first").Deserialize<string[]>(), tokenizer.Encode(first).Tokens);
    }

    private static string?[] Stream(Tokenizer tokenizer, int[] ids, bool skip)
    {
        TokenStream stream = tokenizer.Stream(skip);
        return [.. ids.Select(stream.Add)];
    }

    private static void ForEachCase(string folder, Action<Tokenizer, JsonElement, JsonElement, string> check)
    {
        Tokenizer tokenizer = TokenizerFixtures.Load(Path.Combine(folder, "tokenizer.json"));
        using JsonDocument document = Cases(folder);
        int number = 0;
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            if (item.TryGetProperty("unassigned", out _)) continue;   // depends on the Unicode version
            string text = item.GetProperty("text").GetString()!;
            try { check(tokenizer, document.RootElement, item, text); }
            catch (Exception e) { throw new Xunit.Sdk.XunitException($"case {number}, \"{(text.Length <= 200 ? text : text[..200])}\": {e.Message}"); }
            number++;
        }
    }

    private static JsonDocument Cases(string folder) => JsonDocument.Parse(TokenizerFixtures.Read(Path.Combine(folder, "cases.json")));
}
