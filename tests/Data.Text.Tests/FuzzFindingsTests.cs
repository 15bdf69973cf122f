using MmKernels.Data.ChatTemplates;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Tests;

/// <summary>What the fuzzer found: inputs that once let another exception escape.</summary>
public class FuzzFindingsTests
{
    [Theory]
    [InlineData("{{ 0x_ }}")]
    [InlineData("{{ 0xg }}")]
    [InlineData("{{ 0b2 }}")]
    [InlineData("{{ 1_a }}")]
    public void MalformedInteger_IsASyntaxError(string template) => Assert.Equal(440, Assert.Throws<MmkException>(() => ChatTemplate.Compile(template)).Number);

    [Fact]
    public void SortOfWhatHasNoOrder_IsTheTemplatesError()
    {
        MmkException error = Assert.Throws<MmkException>(() => ChatTemplate.Compile("{{ [1, {}, 2, 'a'] | sort }}").Render(new Dictionary<string, object?>()));
        Assert.Equal(441, error.Number);
        Assert.Contains("'<' not supported", error.Message);
    }

    [Fact]
    public void Sort_IsStableInBothDirections()
    {
        ChatTemplate template = ChatTemplate.Compile("{{ [['b', 1], ['a', 2], ['b', 3], ['a', 4], ['c', 5]] | sort(attribute=0, reverse=reverse) | map(attribute=1) | join(' ') }}");
        Assert.Equal("2 4 1 3 5", template.Render(new Dictionary<string, object?> { ["reverse"] = false }));
        Assert.Equal("5 1 3 2 4", template.Render(new Dictionary<string, object?> { ["reverse"] = true }));
    }

    [Theory]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"\\ud800\": 1}}")]
    [InlineData("{\"\\uDC00\": 1}")]
    public void HalfASurrogatePairInAKey_IsNotJson(string json) => Assert.Equal(431, Assert.Throws<MmkException>(() => Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(json), "t.json")).Number);

    [Fact]
    public void InvalidUtf8_IsNotJson() => Assert.Equal(431, Assert.Throws<MmkException>(() => Tokenizer.Parse((byte[])[.. "{\"model\": \""u8, 0xF8, .. "\"}"u8], "t.json")).Number);

    /// <summary>Joined one by one, the parts would make 50 gigabytes of strings.</summary>
    [Theory]
    [InlineData("'text' ")]
    [InlineData("x | f", ".f")]
    [InlineData("x is f", ".f")]
    public void ThousandsOfParts_AreReadInLinearTime(string first, string? further = null)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try { ChatTemplate.Compile($"{{{{ {first}{string.Concat(Enumerable.Repeat(further ?? first, 100_000))} }}}}"); }
        catch (MmkException e) { Assert.Equal(440, e.Number); }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }
}
