using System.Text.Json;

namespace MmKernels.Tests;

/// <summary><c>mmk inspect</c> over fixtures and the model that comes with the program.</summary>
public class InspectTests
{
    [Fact]
    public void Inspect_ShowsEqualLayersAsOne()
    {
        MmkResult result = Mmk.Run("inspect", Mmk.Model);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("layers.0..", result.Output);
        Assert.Contains("elements", result.LastLine);
    }

    [Fact]
    public void Inspect_AsTable_NamesEveryTensorWithItsFile()
    {
        MmkResult result = Mmk.Run("inspect", Path.Combine(Goldens.Folder("safetensors")!, "sharded", "ok"), "--as", "table");
        Assert.Contains("c  U8       [2]                            2 B  model-00002-of-00002.safetensors", result.Output);
    }

    [Fact]
    public void Inspect_AsJson_IsJson()
    {
        MmkResult result = Mmk.Run("inspect", Path.Combine(Goldens.Folder("gguf")!, "types.gguf"), "--as", "json");
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal("Q6_K", json.RootElement.GetProperty("weights").GetProperty("q6_k").GetProperty("format").GetString());
    }

    [Fact]
    public void Inspect_OfWhatIsNoCheckpoint_SaysWhatItIs()
    {
        MmkResult result = Mmk.Run("inspect", Path.Combine(Goldens.Folder("safetensors")!, "bad", "html.safetensors"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("MMK403", result.Error);
        Assert.Contains("web page", result.Error);
    }
}
