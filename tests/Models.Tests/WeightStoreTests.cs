using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Tests;

public sealed class WeightStoreTests : IDisposable
{
    private readonly Accelerator accelerator = Accelerator.Open("interpreter");
    private readonly TemporaryFolder folder = new();
    private readonly Checkpoint checkpoint;

    public WeightStoreTests()
    {
        string path = Path.Combine(folder.Path, "model.safetensors");
        SafetensorsWriter.Write(path,
        [
            new TensorToWrite("tower.a", TensorFormat.F32, new Shape(2), new byte[8]),
            new TensorToWrite("tower.odd", TensorFormat.F16, new Shape(3), new byte[] { 0, 0x3C, 0, 0x40, 0, 0x42 }),
            new TensorToWrite("tower.ids", TensorFormat.I64, new Shape(1), new byte[8]),
        ]);
        checkpoint = Checkpoint.Open(path);
    }

    public void Dispose()
    {
        accelerator.Dispose();
        checkpoint.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Check_SeveralProblems_ReportsAllOfThemAtOnce()
    {
        WeightStore store = WeightStore.From(accelerator, checkpoint);
        store.Root["tower"].Weight("b", 2);
        store.Root["tower"].Weight("a", 3);
        store.Root["tower"].Weight("a", 3);

        var error = Assert.Throws<MmkException>(store.Check);

        Assert.Equal(600, error.Number);
        Assert.Contains("2 problems", error.Message);
        Assert.Contains("tower.b [2] is missing; the nearest names are tower.a", error.Message);
        Assert.Contains("tower.a has the shape [2] where [3] is needed", error.Message);
    }

    [Fact]
    public void Weight_StoredAsHalves_KeepsTypeAndContent()
    {
        WeightStore store = WeightStore.From(accelerator, checkpoint);

        Tensor weight = store.Root["tower"].Weight("odd", 3);

        Assert.Equal(DType.F16, weight.DType);
        Assert.Equal([(Half)1, (Half)2, (Half)3], accelerator.Read<Half>(weight));
    }

    [Fact]
    public void Weight_OfIntegers_IsMmk610()
        => Assert.Equal(610, Assert.Throws<MmkException>(() => WeightStore.From(accelerator, checkpoint).Root["tower"].Weight("ids", 1)).Number);

    [Fact]
    public void Under_SeveralPublishedNames_TakesTheFirstThatHoldsAnything()
    {
        Scope root = WeightStore.From(accelerator, checkpoint).Root;

        Assert.Equal("tower.", root.Under("vision_tower", "tower", "").Path);
        Assert.Equal("", root.Under("vision_tower", "").Path);
        Assert.Equal("none.", root.Under("none", "neither").Path);
    }
}
