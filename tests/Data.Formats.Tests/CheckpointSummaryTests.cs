using System.Text.Json;
using MmKernels.Data;

namespace MmKernels.Tests;

public class CheckpointSummaryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmk").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Golden(string name) => Path.Combine(Goldens.Folder("safetensors")!, name);

    [Fact]
    public void ShardedCheckpoint_ListsFilesTensorsAndTotals()
    {
        CheckpointSummary summary = CheckpointSummary.Of(Golden("sharded/ok"));
        Assert.Equal(["a", "b", "c"], summary.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(2, summary.Files.Count);
        Assert.All(summary.Files, file => Assert.True(file.Present));
        Assert.Equal(22, summary.Bytes);
        Assert.Equal(22, summary.Formats.Sum(format => format.Bytes));
        Assert.Empty(summary.Notes);
    }

    [Fact]
    public void MissingShards_AreNotedAndTheirTensorsNamed()
    {
        File.Copy(Golden("sharded/ok/model.safetensors.index.json"), Path.Combine(folder, "model.safetensors.index.json"));
        CheckpointSummary summary = CheckpointSummary.Of(folder);
        Assert.Equal(3, summary.Tensors.Count);
        Assert.All(summary.Tensors, tensor => Assert.Null(tensor.Format));
        Assert.Contains("2 of 2 shards are missing", Assert.Single(summary.Notes));
    }

    [Fact]
    public void MissingTensor_IsNotedAndNotRefused()
        => Assert.Contains("lack 1 tensors", string.Join("\n", CheckpointSummary.Of(Golden("sharded/unknown-tensor")).Notes));

    [Fact]
    public void Json_HoldsEveryTensor()
    {
        CheckpointSummary summary = CheckpointSummary.Of(Golden("good/all-dtypes.safetensors"));
        using JsonDocument json = JsonDocument.Parse(summary.ToJson());
        JsonElement weights = json.RootElement.GetProperty("weights");
        Assert.Equal(summary.Tensors.Count, weights.EnumerateObject().Count());
        Assert.Equal("BF16", weights.GetProperty("BF16").GetProperty("format").GetString());
    }

    [Fact]
    public void GgufFile_HasItsBlockFormats()
    {
        CheckpointSummary summary = CheckpointSummary.Of(Path.Combine(Goldens.Folder("gguf")!, "types.gguf"));
        TensorSummary tensor = summary.Tensors.Single(tensor => tensor.Name == "q4_k");
        Assert.Equal(("Q4_K", 512L, 288L), (tensor.Format, tensor.Elements, tensor.Bytes));
    }

    [Fact]
    public void Tree_JoinsEqualLayersAndKeepsDifferentOnesApart()
    {
        string path = Path.Combine(folder, "model.safetensors");
        SafetensorsWriter.Write(path, [.. Enumerable.Range(0, 12).SelectMany(layer => new[]
        {
            Zeros($"model.layers.{layer}.mlp.weight", layer == 11 ? 3 : 2), Zeros($"model.layers.{layer}.norm.weight", 2),
        }), Zeros("model.embed", 5)]);
        TensorGroup root = CheckpointSummary.Of(path).Tree();
        TensorGroup layers = root.Children[0].Children.Single(group => group.Name == "layers");
        Assert.Equal(["0..10", "11"], layers.Children.Select(group => group.Name));
        Assert.Equal((11, 22, 44L), (layers.Children[0].Repeats, layers.Children[0].Tensors, layers.Children[0].Elements));
        Assert.Equal((25, 54L), (root.Tensors, root.Elements));
    }

    [Fact]
    public void NameOfManyDots_MakesNoDeepTree()
    {
        string path = Path.Combine(folder, "model.safetensors");
        SafetensorsWriter.Write(path, [Zeros(new string('.', 100_000), 1)]);
        int depth = 0;
        for (TensorGroup? group = CheckpointSummary.Of(path).Tree(); group is not null; group = group.Children.FirstOrDefault()) depth++;
        Assert.InRange(depth, 2, 40);
    }

    private static TensorToWrite Zeros(string name, int elements) => new(name, TensorFormat.U8, new Shape(elements), new byte[elements]);
}
