using MmKernels.Data;

namespace MmKernels.Tests;

public class NearestNamesTests
{
    [Fact]
    public void Names_ComeByEditDistanceThenByName()
        => Assert.Equal(["layers.1.weight", "layers.2.weight", "layers.12.weight"], NearestNames.Find("layers.0.weight", ["lm_head", "layers.12.weight", "layers.2.weight", "layers.1.weight", "norm"], 3));

    [Fact]
    public void RenamedPart_IsFoundAmongManyLayers()
    {
        IEnumerable<string> names = Enumerable.Range(0, 80).SelectMany(layer => new[] { "q_proj", "k_proj", "v_proj", "o_proj" }.Select(part => $"model.layers.{layer}.self_attn.{part}.weight"));
        Assert.Equal("model.layers.7.self_attn.q_proj.weight", NearestNames.Find("model.layers.7.attn.q_proj.weight", names, 1)[0]);
    }

    [Fact]
    public void FewerNamesThanAskedFor_AreAllReturned() => Assert.Equal(["a", "b"], NearestNames.Find("a", ["b", "a"]));

    [Fact]
    public void NoNames_GiveNone() => Assert.Empty(NearestNames.Find("a", []));
}
