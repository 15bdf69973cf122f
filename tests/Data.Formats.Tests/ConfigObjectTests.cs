using System.Text;
using MmKernels.Data;

namespace MmKernels.Tests;

public class ConfigObjectTests
{
    private static ConfigObject Parse(string json) => ConfigObject.Parse(Encoding.UTF8.GetBytes(json), "config.json");

    [Fact]
    public void WrongType_IsAnErrorWithFileKeyValueAndExpectation()
    {
        ConfigObject part = Parse("""{"text_config": {"hidden_size": "large"}}""").Object("text_config");
        MmkException error = Assert.Throws<MmkException>(() => part.Int("hidden_size"));
        Assert.Equal(411, error.Number);
        Assert.Contains("config.json key 'text_config.hidden_size' is \"large\" where an integer", error.Message);
    }

    [Fact]
    public void MissingKey_IsAnErrorThatListsTheNearestKeys()
    {
        MmkException error = Assert.Throws<MmkException>(() => Parse("""{"hidden_sizes": 4, "x": 1}""").Int("hidden_size"));
        Assert.Equal(410, error.Number);
        Assert.Contains("Nearest keys there: 'hidden_sizes'", error.Message);
    }

    [Theory]
    [InlineData("3000000000")]
    [InlineData("1.5")]
    [InlineData("true")]
    [InlineData("\"3\"")]
    [InlineData("[3]")]
    [InlineData("1e400")]
    public void Int_RefusesWhatIsNoInt(string value) => Assert.Equal(411, Assert.Throws<MmkException>(() => Parse($$"""{"a": {{value}}}""").Int("a")).Number);

    [Theory]
    [InlineData("0")]
    [InlineData("-4")]
    public void Count_RefusesWhatIsNoCount(string value) => Assert.Equal(411, Assert.Throws<MmkException>(() => Parse($$"""{"a": {{value}}}""").Count("a")).Number);

    [Fact]
    public void Int_TakesIntegralFloats() => Assert.Equal(4096, Parse("""{"a": 4096.0}""").Int("a"));

    [Fact]
    public void Double_TakesPythonsNamedNumbers()
    {
        ConfigObject config = Parse("""{"a": Infinity, "b": [-Infinity, NaN, 1], "c": "word"}""");
        Assert.Equal(double.PositiveInfinity, config.Double("a"));
        Assert.Equal([double.NegativeInfinity, double.NaN, 1], config.Doubles("b"));
        Assert.Throws<MmkException>(() => config.Double("c"));
    }

    [Fact]
    public void Ints_TakesOneOrMany()
    {
        ConfigObject config = Parse("""{"one": 2, "many": [2, 3], "bad": [2, "3"]}""");
        Assert.Equal([2], config.Ints("one"));
        Assert.Equal([2, 3], config.Ints("many"));
        Assert.Equal(411, Assert.Throws<MmkException>(() => config.Ints("bad")).Number);
    }

    [Fact]
    public void FirstOf_PrefersWhatTheFileSets()
        => Assert.Equal("n_embd", Parse("""{"model_type": "llama", "n_embd": 7}""").FirstOf("hidden_size", "n_embd"));

    [Fact]
    public void MissingKey_HasTheDefaultOfTheModelType()
    {
        ConfigObject llama = Parse("""{"model_type": "llama"}""");
        Assert.Equal(4096, llama.Int("hidden_size"));
        Assert.Equal(1e-6, llama.Double("rms_norm_eps"));
        Assert.False(llama.IsSet("hidden_size"));
        Assert.True(llama.Has("hidden_size"));
    }

    [Fact]
    public void Null_HidesTheDefault()
    {
        ConfigObject mistral = Parse("""{"model_type": "mistral", "sliding_window": null}""");
        Assert.Null(mistral.FindInt("sliding_window"));
        Assert.Equal(8, mistral.Int("num_key_value_heads"));
    }

    [Fact]
    public void PartWithoutModelType_HasTheDefaultsThatItsParentImplies()
    {
        ConfigObject llava = Parse("""{"model_type": "llava", "vision_config": {"hidden_size": 64}}""");
        ConfigObject vision = llava.Object("vision_config");
        Assert.Equal("clip_vision_model", vision.ModelType);
        Assert.Equal(64, vision.Int("hidden_size"));
        Assert.Equal(224, vision.Int("image_size"));                    // CLIP's default, not LLaVA's
        Assert.Equal(32000, llava.Object("text_config").Int("vocab_size"));
    }

    [Fact]
    public void MissingPart_IsTheWholePartThatItsParentAssumes()
        => Assert.Equal(336, Parse("""{"model_type": "llava"}""").Object("vision_config").Int("image_size"));

    [Fact]
    public void PartThatRepeatsItsParentsType_IsTheParentsPart()
        => Assert.Equal(16, Parse("""{"model_type": "qwen2_vl", "vision_config": {"model_type": "qwen2_vl"}}""").Object("vision_config").Int("num_heads"));

    [Fact]
    public void UnknownKeys_StayReadable()
    {
        ConfigObject config = Parse("""{"model_type": "llama", "my_own": {"deep": [1, 2]}}""");
        Assert.Contains("my_own", config.Keys);
        Assert.Equal([1, 2], config.Object("my_own").Ints("deep"));
    }

    [Fact]
    public void Choice_ListsTheChoices()
        => Assert.Contains("'default', 'full'", Assert.Throws<MmkException>(() => Parse("""{"s": "half"}""").Choice("s", "default", "full")).Message);

    [Fact]
    public void RootThatIsNoObject_IsRefused() => Assert.Equal(412, Assert.Throws<MmkException>(() => Parse("[1]")).Number);
}
