using System.Text.Json;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Tests;

public class TokenizerComponentTests
{
    public static TheoryData<string> Components()
    {
        var data = new TheoryData<string>();
        foreach (string folder in TokenizerFixtures.Folders)
            if (Directory.Exists(Path.Combine(folder, "components")))
                foreach (string file in Directory.GetFiles(Path.Combine(folder, "components"), "*.expected.json").Order())
                    if (File.Exists(file.Replace(".expected.json", ".json"))) data.Add(file.Replace(".expected.json", ".json"));
        return data;
    }

    public static TheoryData<string> BadFiles()
    {
        var data = new TheoryData<string>();
        foreach (string folder in TokenizerFixtures.Folders)
            if (Directory.Exists(Path.Combine(folder, "bad"))) data.Add(Path.Combine(folder, "bad"));
        return data;
    }

    [Theory, MemberData(nameof(Components))]
    public void Component_GivesEveryStageOfTheReference(string path)
    {
        Tokenizer tokenizer = Tokenizer.Load(path);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path.Replace(".json", ".expected.json")));
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            string text = item.GetProperty("text").GetString()!;
            if (item.TryGetProperty("unassigned", out _)) continue;
            try { CheckCase(tokenizer, item, text); }
            catch (Exception e) { throw new Xunit.Sdk.XunitException($"\"{text}\": {e.Message}"); }
        }
        if (document.RootElement.TryGetProperty("pairs", out JsonElement pairs))
            foreach (JsonElement item in pairs.EnumerateArray())
                Check(item, () => tokenizer.Encode(item.GetProperty("a").GetString()!, item.GetProperty("b").GetString()!), tokenizer);
        if (document.RootElement.TryGetProperty("decode_ids", out JsonElement decodes))
            foreach (JsonElement item in decodes.EnumerateArray())
                Assert.Equal(item.GetProperty("text").GetString(), tokenizer.Decode(item.GetProperty("ids").Ints(), skipSpecialTokens: false));
        if (document.RootElement.TryGetProperty("batch", out JsonElement batch)) CheckBatch(tokenizer, batch);
    }

    [Theory, MemberData(nameof(BadFiles))]
    public void MalformedFiles_AreRefusedOrReadAsTheReferenceReadsThem(string folder)
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        foreach (JsonElement item in index.RootElement.GetProperty("cases").EnumerateArray())
        {
            string file = item.GetProperty("file").GetString()!, strict = item.GetProperty("strict").GetString()!;
            string outcome = Outcome(Path.Combine(folder, file), out int[]? ids);
            bool loads = item.GetProperty("library").GetString() == "accepts";
            if (strict == "reject") Assert.True(outcome != "accepted", $"{file} must be refused");
            if (strict == "accept") Assert.True(outcome == "accepted", $"{file}: {outcome}");
            if (outcome == "accepted" && loads && item.TryGetProperty("encode_aab", out JsonElement expected))
                Assert.True(ids is not null && expected.Ints().SequenceEqual(ids), $"{file}: {string.Join(' ', ids ?? [])} instead of {expected}");
        }
    }

    /// <summary>"accepted" where the file loads (and a text can be encoded, or fails with the documented exception), else the error.</summary>
    private static string Outcome(string path, out int[]? ids)
    {
        ids = null;
        Tokenizer tokenizer;
        try { tokenizer = Tokenizer.Load(path); }
        catch (MmkException e) { return e.Message; }
        try { ids = tokenizer.Encode("a ab b aa").Ids; }
        catch (MmkException e) { return e.Message; }
        return "accepted";
    }

    private static void CheckCase(Tokenizer tokenizer, JsonElement item, string text)
    {
        string normalized = item.TryGetProperty("normalized", out JsonElement recorded) ? recorded.GetString()! : text;
        Assert.Equal(normalized, tokenizer.Normalize(text));
        if (item.TryGetProperty("pre", out JsonElement pre))
        {
            string[] expected = [.. pre.EnumerateArray().Select(piece => $"{piece[0].GetString()} {piece[1]} {piece[2]}")];
            Assert.Equal(expected, tokenizer.PreTokenize(normalized).Select(piece => $"{piece.Piece} {piece.Range.Start} {piece.Range.End}"));
        }
        Check(item, () => tokenizer.Encode(text), tokenizer);
    }

    private static void Check(JsonElement item, Func<Encoding> encode, Tokenizer tokenizer)
    {
        if (item.TryGetProperty("error", out _))
        {
            Assert.Throws<MmkException>(encode);
            return;
        }
        Encoding encoding = encode();
        Assert.Equal(item.GetProperty("ids").Ints(), encoding.Ids);
        Assert.Equal(item.GetProperty("tokens").Deserialize<string[]>(), encoding.Tokens);
        Assert.Equal(item.GetProperty("offsets").Ints(), encoding.Offsets.Flat());
        if (item.TryGetProperty("word_ids", out JsonElement words)) Assert.Equal(words.IntsOrMinusOne(), encoding.Words);
        if (item.TryGetProperty("type_ids", out JsonElement types)) Assert.Equal(types.Ints(), encoding.TypeIds);
        if (item.TryGetProperty("special_mask", out JsonElement special)) Assert.Equal(special.Ints(), encoding.SpecialMask);
        if (item.TryGetProperty("attention_mask", out JsonElement attention)) Assert.Equal(attention.Ints(), encoding.AttentionMask);
        if (item.TryGetProperty("sequence_ids", out JsonElement sequences)) Assert.Equal(sequences.IntsOrMinusOne(), encoding.Sequences);
        if (item.TryGetProperty("overflowing", out JsonElement overflow))
            Assert.Equal(overflow.EnumerateArray().Select(part => part.ToString()), encoding.Overflow.Select(part => JsonSerializer.Serialize(part.Ids).Replace(",", ", ")));
        if (item.TryGetProperty("decode", out JsonElement decode)) Assert.Equal(decode.GetString(), tokenizer.Decode(encoding.Ids, skipSpecialTokens: false));
    }

    private static void CheckBatch(Tokenizer tokenizer, JsonElement batch)
    {
        IReadOnlyList<Encoding> encodings = tokenizer.EncodeBatch(batch.GetProperty("texts").Deserialize<string[]>()!);
        Assert.Equal(batch.GetProperty("ids").Deserialize<int[][]>(), encodings.Select(encoding => encoding.Ids));
        Assert.Equal(batch.GetProperty("attention_mask").Deserialize<int[][]>(), encodings.Select(encoding => encoding.AttentionMask));
        Assert.Equal(batch.GetProperty("type_ids").Deserialize<int[][]>(), encodings.Select(encoding => encoding.TypeIds));
    }
}
