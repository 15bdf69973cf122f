using System.Diagnostics;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Tests;

public class HostileTokenizerTests
{
    [Fact]
    public void KeyWithALoneSurrogate_IsAnErrorOfTheFile()
        => Assert.InRange(Refusal(Whole("\"normalizer\": {\"type\": \"NFC\", \"\\ud800\": 1}")).Number, 431, 432);

    [Theory]
    [InlineData("(((((a{1000}){1000}){1000}){1000}){1000})")]
    [InlineData("((a{0}){1000}){1000}{1000}{1000}")]
    [InlineData("a+*?+*?+*?+*?+*?")]
    public void RegexesThatCompileToTooMuch_AreRefusedAtOnce(string regex)
        => Assert.Equal(435, Refusal(Whole($"\"pre_tokenizer\": {{\"type\": \"Split\", \"pattern\": {{\"Regex\": \"{regex}\"}}, \"behavior\": \"Isolated\", \"invert\": false}}")).Number);

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|a)*b")]
    [InlineData("(a*)*b")]
    [InlineData("a*a*a*a*b")]
    [InlineData("(?:a|aa)+c|a")]
    public void RegexesThatExplodeInABacktracker_TakeTimeLinearInTheText(string regex)
    {
        Tokenizer tokenizer = Tokenizer.Parse(Whole($"\"pre_tokenizer\": {{\"type\": \"Split\", \"pattern\": {{\"Regex\": \"{regex}\"}}, \"behavior\": \"Isolated\", \"invert\": false}}"), "test");
        var watch = Stopwatch.StartNew();
        tokenizer.PreTokenize(new string('a', 100_000) + "x");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");   // a shared machine; an exponential search would never end
    }

    [Theory]
    [InlineData("\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [REPEAT]}", "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"aaaaaaaaaa\"}")]
    [InlineData("\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Prepend\", \"prepend\": \"é\"}, REPEAT]}", "{\"type\": \"ByteLevel\"}")]
    [InlineData("\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [REPEAT]}", "{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": false}")]
    public void StagesThatMakeTextGrowWithoutEnd_EndWithAnError(string field, string stage)
    {
        Tokenizer tokenizer = Tokenizer.Parse(Whole(field.Replace("REPEAT", string.Join(", ", Enumerable.Repeat(stage, 60)))), "test");
        Assert.Equal(449, Assert.Throws<MmkException>(() => tokenizer.Encode("aé")).Number);
    }

    [Fact]
    public void OverflowThatWouldFillTheMemory_IsRefused()
    {
        Tokenizer tokenizer = Tokenizer.Parse(Whole("\"truncation\": {\"direction\": \"Right\", \"max_length\": 5000, \"strategy\": \"LongestFirst\", \"stride\": 4999}"), "test");
        Assert.Equal(439, Assert.Throws<MmkException>(() => tokenizer.Encode(new string('a', 100_000))).Number);
    }

    [Fact]
    public void AMegabyteOfOneLetter_IsMergedInTimeThatGrowsLikeTheText()
    {
        string folder = Goldens.Folder("tiny_llava_text")!;
        Tokenizer tokenizer = Tokenizer.Load(folder);
        TimeSpan small = Time(100_000), large = Time(1_000_000);
        Assert.True(large < TimeSpan.FromTicks(small.Ticks * 100) + TimeSpan.FromSeconds(1), $"{small} for 100 000 letters, {large} for a million");   // quadratic would be a hundredfold

        TimeSpan Time(int length)
        {
            string text = new('a', length);
            var watch = Stopwatch.StartNew();
            Assert.NotEmpty(tokenizer.Encode(text).Ids);
            return watch.Elapsed;
        }
    }

    [Theory]
    [InlineData("(?i:[^a]+)", "bAc", "b c")]
    [InlineData("(?i)s+", "ſSs\u212A", "ſSs")]
    [InlineData("(?>[^ ]{1,3}){2}", "abcd", "abcd")]
    [InlineData("(?>a{1,3}){2}b?", "aaa", "")]
    [InlineData("(?:a*?)*b|a", "aab", "aab")]
    [InlineData("(?<=a{1,2})b|(?<!a)c", "abcac", "b c")]
    [InlineData("[a-z&&[^b]]+", "abca", "a ca")]
    [InlineData("a{,2}b", "aaab", "aab")]
    [InlineData("\\p{N}{2}?", "123", "12")]
    [InlineData("\\p{Han}+|[[:punct:]]", "漢字a.", "漢字 .")]
    [InlineData("^b|a$", "a\nb", "a b")]
    [InlineData("\\R", "a\r\nb", "\r\n")]
    public void Regexes_MatchAsOnigurumaDoes(string regex, string text, string matches)
    {
        string json = System.Text.Json.JsonSerializer.Serialize(regex);
        Tokenizer tokenizer = Tokenizer.Parse(Whole($"\"pre_tokenizer\": {{\"type\": \"Split\", \"pattern\": {{\"Regex\": {json}}}, \"behavior\": \"Removed\", \"invert\": true}}"), "test");
        Assert.Equal(matches, string.Join(' ', tokenizer.PreTokenize(text).Select(piece => piece.Piece)));
    }

    private static MmkException Refusal(byte[] json) => Assert.Throws<MmkException>(() => Tokenizer.Parse(json, "test"));

    private static byte[] Whole(string field) => System.Text.Encoding.UTF8.GetBytes(
        $"{{\"version\": \"1.0\", \"added_tokens\": [], {field}, \"model\": {{\"type\": \"BPE\", \"unk_token\": \"<unk>\", \"fuse_unk\": false, \"vocab\": {{\"<unk>\": 0, \"a\": 1}}, \"merges\": []}}}}");
}
