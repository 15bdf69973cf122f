namespace MmKernels.Tests;

/// <summary><c>mmk tokenize</c> and <c>mmk template</c>.</summary>
public class TextTests
{
    private const string Conversation = """[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "How many?"}]}]""";

    [Fact]
    public void Tokenize_ShowsIdsPlacesAndTokens()
    {
        MmkResult result = Mmk.Run("tokenize", Mmk.Model, "--text", "USER: hi");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("       1  special      <s>", result.Output);
        Assert.Contains("349", result.Output);
        Assert.EndsWith("tokens", result.LastLine);
    }

    [Fact]
    public void Tokenize_AndDecode_AreInverse()
    {
        const string Text = "A small black circle at the top.";
        string ids = Mmk.Run("tokenize", Mmk.Model, "--text", Text, "--json").LastLine;
        MmkResult result = Mmk.Run(["tokenize", Mmk.Model, "--decode", .. ids.Trim('[', ']').Split(',')]);
        Assert.Equal(Text, result.LastLine);
    }

    [Fact]
    public void Tokenize_WithoutAText_IsAUsageError()
    {
        MmkResult result = Mmk.Run("tokenize", Mmk.Model);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("one of --text, --file and --decode", result.Error);
    }

    [Fact]
    public void Tokenize_OfAFileThatIsNotThere_SaysSo()
    {
        MmkResult result = Mmk.Run("tokenize", Mmk.Model, "--file", "no/such/file");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("MMK801 no/such/file cannot be read", result.Error);
    }

    [Fact]
    public void Template_WritesTheConversationAsTheCheckpointDoes()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(file, Conversation);
        try
        {
            MmkResult result = Mmk.Run("template", Mmk.Model, "--messages", file);
            Assert.Equal("USER: <image>\nHow many? ASSISTANT:", result.Output.TrimEnd('\n', '\r').Replace("\r", ""));
            Assert.DoesNotContain("ASSISTANT", Mmk.Run("template", Mmk.Model, "--messages", file, "--no-generation-prompt").Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Template_OfOneQuestion_WritesItAsTheCheckpointTakesIt()
        => Assert.Equal("USER: How many? ASSISTANT:", Mmk.Run("template", Mmk.Model, "--user", "How many?").LastLine);

    [Fact]
    public void Template_OfNoJson_SaysWhatIsNeeded()
    {
        MmkResult result = Mmk.Run("template", Mmk.Model, "--messages", Path.Combine(Mmk.Model, "tokenizer_config.json"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("MMK714", result.Error);
        Assert.Equal(2, Mmk.Run("template", Mmk.Model).ExitCode);
    }
}
