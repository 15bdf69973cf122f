using MmKernels.Data;

namespace MmKernels.Tests;

public class CheckpointTests
{
    private static string Golden(string name) => Path.Combine(Goldens.Folder("safetensors")!, name);

    [Fact]
    public void MissingTensor_IsAnErrorThatListsTheNearestNames()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Golden("sharded/ok"));
        MmkException error = Assert.Throws<MmkException>(() => checkpoint["aa"]);
        Assert.Equal(408, error.Number);
        Assert.Contains("Nearest names: 'a', 'b', 'c'", error.Message);
    }

    [Fact]
    public void FolderWithFileAndIndex_TakesTheFileAndSaysSo()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Golden("sharded/single-and-index"));
        Assert.EndsWith("model.safetensors", checkpoint.Source);
        Assert.Contains("model.safetensors is used", Assert.Single(checkpoint.Notes));
    }

    [Fact]
    public void ShardedTensors_CarryTheirFileAndDistinctAddresses()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Golden("sharded/ok"));
        Assert.EndsWith("00001-of-00002.safetensors", checkpoint["a"].FilePath);
        Assert.EndsWith("00002-of-00002.safetensors", checkpoint["c"].FilePath);
        Assert.Equal(checkpoint["b"].Address + (nint)(checkpoint["c"].FileOffset - checkpoint["b"].FileOffset), checkpoint["c"].Address);
    }

    [Fact]
    public void ClosedCheckpoint_ThrowsInsteadOfReadingFreedMemory()
    {
        Checkpoint checkpoint = Checkpoint.Open(Golden("good/dtype-f32.safetensors"));
        CheckpointTensor tensor = checkpoint["t"];
        checkpoint.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Data.Length);
    }

    [Fact]
    public void DimensionBeyondInt32_HasDimsButNoShape()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Golden("good/big-shape-zero.safetensors"));
        CheckpointTensor tensor = Assert.Single(checkpoint.Tensors);
        Assert.Equal(0, tensor.Bytes);
        Assert.Equal(409, Assert.Throws<MmkException>(() => tensor.Shape).Number);
    }

    [Fact]
    public void SliceBeyondTheTensor_IsRefused()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Golden("good/dtype-f32.safetensors"));
        CheckpointTensor tensor = checkpoint["t"];
        Assert.Equal(tensor.Data[8..].ToArray(), tensor.Slice(8, 40).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(8, 41).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(long.MaxValue, 1).Length);
    }

    [Theory]
    [InlineData("no/such/folder", 400)]
    [InlineData("sharded", 407)]
    public void PathWithoutWeights_IsAnErrorWithAHint(string path, int number)
    {
        MmkException error = Assert.Throws<MmkException>(() => Checkpoint.Open(Golden(path)));
        Assert.Equal(number, error.Number);
        Assert.NotNull(error.Hint);
    }

    [Theory]
    [InlineData("bad/lfs-pointer.safetensors", "git lfs pull")]
    [InlineData("bad/gguf.safetensors", "GGUF")]
    [InlineData("bad/zip.safetensors", "pickle")]
    [InlineData("bad/html.safetensors", "web page")]
    public void FileOfAnotherKind_IsNamedInTheHint(string file, string hint)
        => Assert.Contains(hint, Assert.Throws<MmkException>(() => Checkpoint.Open(Golden(file))).Hint);
}
