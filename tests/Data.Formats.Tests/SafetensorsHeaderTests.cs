using System.Text;
using MmKernels.Data;

namespace MmKernels.Tests;

/// <summary>Rules of the header that no golden shows.</summary>
public class SafetensorsHeaderTests
{
    private const string Empty = "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]";

    private static SafetensorsHeader Parse(string json)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        byte[] file = [.. BitConverter.GetBytes((long)utf8.Length), .. utf8];
        return SafetensorsHeader.Parse(file, file.Length, "x.safetensors");
    }

    [Theory]
    [InlineData("{\"k\":[1,{\"l\":\"m\"}],\"n\":-1.5e-400}")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("99999999999999999999")]
    public void UnknownField_MayHoldAnyValue(string value) => Assert.Single(Parse($"{{{Empty},\"more\":{value},\"more\":1}}}}").Entries);

    [Theory]
    [InlineData("1e400")]
    [InlineData("[{\"k\":-1e400}]")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\ud800\":1}")]
    public void UnknownField_MustHoldValuesThatTheLibraryCanKeep(string value)
        => Assert.Equal(404, Assert.Throws<MmkException>(() => Parse($"{{{Empty},\"more\":{value}}}}}")).Number);

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    public void Nesting_IsReadToTheDepthOfTheLibrary(int depth, bool accepted)
    {
        // The header, the entry and the lists inside of it.
        string json = $"{{{Empty},\"more\":{new string('[', depth - 2)}{new string(']', depth - 2)}}}}}";
        if (accepted) Parse(json);
        else Assert.Equal(404, Assert.Throws<MmkException>(() => Parse(json)).Number);
    }

    [Fact]
    public void EscapedKeys_AreTheKeysThatTheySpell()
        => Assert.Equal("v", Parse("{\"\\u005f_metadata__\":{\"k\":\"v\"},\"a\":{\"\\u0064type\":\"\\u00558\",\"shape\":[0],\"data_offsets\":[0,0]}}").Metadata["k"]);

    [Fact]
    public void HostileName_IsShownShortAndEscaped()
    {
        string name = new('\u0007', 5000);
        MmkException error = Assert.Throws<MmkException>(() => Parse($"{{\"{new string('x', 100_000)}\":{{\"dtype\":\"Q\"}}}}"));
        Assert.True(error.Message.Length < 1000, $"{error.Message.Length} characters");
        Assert.DoesNotContain('\u0007', DataErrors.Quote(name));
    }

    [Fact]
    public void ShownText_KeepsLettersAndPairsAndEscapesTheRest()
        => Assert.Equal("ü🙂\\u202e\\ud800\\u0000", DataErrors.Show("ü🙂\u202e\ud800\0"));
}
