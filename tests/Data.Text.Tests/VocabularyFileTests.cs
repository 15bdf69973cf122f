using System.Text.Json;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Tests;

public class VocabularyFileTests
{
    public static TheoryData<string, string> FoldersWithBothForms()
    {
        var data = new TheoryData<string, string>();
        foreach ((string folder, string file) in new[]
        {
            ("qwen_vl", "qwen.tiktoken"), ("monkey", "qwen.tiktoken"), ("xcomposer", "tokenizer.model"), ("xcomposer2_5", "tokenizer.model"),
            (Path.Combine("sd_pipeline", "tokenizer"), "vocab.json"), (Path.Combine("audioldm_pipeline", "tokenizer"), "vocab.json"),
        })
            foreach (string found in Goldens.Folders(folder, firstOfRepository: true)) data.Add(found, file);
        return data;
    }

    [Theory, MemberData(nameof(FoldersWithBothForms))]
    public void OlderFormat_GivesTheIdsOfTheTokenizerJsonBesideIt(string folder, string file)
    {
        using var alone = new TemporaryFolder();
        foreach (string path in Directory.GetFiles(folder))
            if (Path.GetFileName(path) != "tokenizer.json") File.Copy(path, Path.Combine(alone.Path, Path.GetFileName(path)));
        Tokenizer reference = Tokenizer.Load(folder).With(null, null), older = Tokenizer.Load(alone.Path);
        Assert.True(File.Exists(Path.Combine(alone.Path, file)));
        foreach (string text in Texts())
        {
            Assert.Equal(reference.Encode(text).Ids, older.Encode(text).Ids);
            Assert.Equal(reference.Encode(text).Offsets, older.Encode(text).Offsets);
        }
    }

    public static TheoryData<string> SentencePieceModels()
    {
        var data = new TheoryData<string>();
        foreach (string folder in TokenizerFixtures.Folders)
            if (Directory.Exists(Path.Combine(folder, "components")))
                foreach (string file in Directory.GetFiles(Path.Combine(folder, "components"), "*.model").Order()) data.Add(file);
        return data;
    }

    [Theory, MemberData(nameof(SentencePieceModels))]
    public void ModelFileAlone_GivesWhatTheSentencePieceLibraryGives(string path)
    {
        Tokenizer tokenizer = Tokenizer.Load(path);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path.Replace(".model", ".expected.json")));
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            if (item.TryGetProperty("unassigned", out _)) continue;
            string text = item.GetProperty("text").GetString()!;
            Encoding encoding = tokenizer.Encode(text);
            Assert.True(item.GetProperty("ids").Ints().SequenceEqual(encoding.Ids), $"\"{text}\": {string.Join(' ', encoding.Ids)} instead of {item.GetProperty("ids")}");
            Assert.Equal(item.GetProperty("decode").GetString(), tokenizer.Decode(encoding.Ids));
        }
    }

    [Fact]
    public void VocabTxt_GivesTheIdsOfTheTokenizerJsonThatItsTokensAreFrom()
    {
        foreach (string root in TokenizerFixtures.Folders)
        {
            string path = Path.Combine(root, "bert", "tokenizer.json");
            if (!TokenizerFixtures.Exists(path)) continue;
            Tokenizer reference = TokenizerFixtures.Load(path);
            using var folder = new TemporaryFolder();
            File.WriteAllLines(Path.Combine(folder.Path, "vocab.txt"), Enumerable.Range(0, reference.VocabularySize).Select(reference.IdToToken));
            Tokenizer older = Tokenizer.Load(folder.Path);
            foreach (string text in Texts()) Assert.Equal(reference.Encode(text).Ids, older.Encode(text).Ids);
        }
    }

    [Theory]
    [InlineData("a.tiktoken", "IQ== 0\nIg==\n", 448)]
    [InlineData("a.tiktoken", "IQ== 0\nI!== 1\n", 448)]
    [InlineData("a.tiktoken", "IQ== 0\nIQ== 1\n", 448)]
    [InlineData("a.tiktoken", "IQ== 0\n", 434)]
    [InlineData("a.model", "\u000a\u007f", 447)]
    [InlineData("a.model", "", 447)]
    public void DamagedFiles_AreRefusedWithTheirErrorNumber(string name, string content, int number)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, name), System.Text.Encoding.Latin1.GetBytes(content));
        Assert.Equal(number, Assert.Throws<MmkException>(() => Tokenizer.Load(folder.Path)).Number);
    }

    [Fact]
    public void FolderWithoutATokenizer_IsAnErrorThatNamesTheKindsOfFiles()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<MmkException>(() => Tokenizer.Load(folder.Path));
        Assert.Equal(430, error.Number);
        Assert.Contains("tokenizer.json", error.Hint);
    }

    private static IEnumerable<string> Texts()
    {
        foreach (string folder in TokenizerFixtures.Folders)
        {
            string path = Path.Combine(folder, "tiny_gpt2", "cases.json");
            if (!TokenizerFixtures.Exists(path)) continue;
            using JsonDocument document = JsonDocument.Parse(TokenizerFixtures.Read(path));
            foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
                if (!item.TryGetProperty("unassigned", out _)) yield return item.GetProperty("text").GetString()!;
        }
        yield return "<|im_start|>user\nPicture 1: <img>a.png</img> what's in it?<|im_end|>\n<|endoftext|>";
        yield return "<s>a</s> <unk><mask> <|startoftext|>B<|endoftext|>";
    }
}
