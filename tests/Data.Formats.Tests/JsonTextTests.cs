using System.Text;
using System.Text.Json;
using MmKernels.Data;

namespace MmKernels.Tests;

public class JsonTextTests
{
    private static JsonElement Parse(string json) => JsonText.Parse(Encoding.UTF8.GetBytes(json), "config.json").RootElement;

    [Theory]
    [InlineData("", 401)]
    [InlineData("{", 401)]
    [InlineData("{\"a\": 1,}", 401)]
    [InlineData("{} {}", 401)]
    [InlineData("{\"a\": \"\\ud800\"}", 401)]
    [InlineData("{\"\\ud800\": 1}", 401)]
    [InlineData("{\"a\": Infinit}", 401)]
    public void Malformed_IsRefusedWithTheFile(string json, int number)
    {
        MmkException error = Assert.Throws<MmkException>(() => Parse(json));
        Assert.Equal(number, error.Number);
        Assert.Contains("config.json", error.Message);
    }

    [Fact]
    public void InvalidUtf8_IsRefused() => Assert.Equal(401, Assert.Throws<MmkException>(() => JsonText.Parse(new byte[] { (byte)'"', 0xff, (byte)'"' }, "x")).Number);

    [Fact]
    public void DeepNesting_IsALimitAndNotAStackOverflow()
        => Assert.Equal(402, Assert.Throws<MmkException>(() => Parse(new string('[', 100_000))).Number);

    [Fact]
    public void OversizedFile_IsRefusedBeforeItIsRead()
    {
        string path = Path.Combine(Goldens.Folder("safetensors")!, "verdicts.json");
        Assert.Equal(402, Assert.Throws<MmkException>(() => JsonText.ParseFile(path, maxBytes: 100)).Number);
    }

    [Fact]
    public void ByteOrderMark_IsSkipped() => Assert.Equal(1, Parse("\uFEFF{\"a\": 1}").GetProperty("a").GetInt32());

    [Fact]
    public void PythonsNamedNumbers_BecomeStringsOutsideStringsOnly()
    {
        JsonElement root = Parse("{\"limits\": [0.0, Infinity, -Infinity, NaN], \"NaN\": \"a \\\" Infinity\"}");
        Assert.Equal("[0.0,\"Infinity\",\"-Infinity\",\"NaN\"]", root.GetProperty("limits").GetRawText().Replace(" ", ""));
        Assert.Equal("a \" Infinity", root.GetProperty("NaN").GetString());
    }
}
