using MmKernels.Data;

namespace MmKernels.Tests;

public class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmk").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

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

    [Fact]
    public void NumberedPartsWithoutIndex_AreOneCheckpoint()
    {
        WritePart("model-00001-of-00002.safetensors", "a");
        WritePart("model-00002-of-00002.safetensors", "b");
        using Checkpoint whole = Checkpoint.Open(folder);
        Assert.Equal(["a", "b"], whole.Names);
        using Checkpoint part = Checkpoint.Open(Path.Combine(folder, "model-00001-of-00002.safetensors"));
        Assert.Equal(["a"], part.Names);
        Assert.Equal(2, CheckpointSummary.Of(folder).Files.Count);
    }

    [Fact]
    public void MissingPart_IsNamed()
    {
        WritePart("model-00001-of-00002.safetensors", "a");
        Assert.Contains("part 2 of 2 is missing", Assert.Throws<MmkException>(() => Checkpoint.Open(folder)).Message);
    }

    [Fact]
    public void SameTensorInTwoParts_IsRefusedWithBothFiles()
    {
        WritePart("model-00001-of-00002.safetensors", "a");
        WritePart("model-00002-of-00002.safetensors", "a");
        MmkException error = Assert.Throws<MmkException>(() => Checkpoint.Open(folder));
        Assert.Equal(418, error.Number);
        Assert.Contains("00001-of-00002", error.Message);
        Assert.Contains("00002-of-00002", error.Message);
    }

    [Fact]
    public void SeveralFilesThatAreNoParts_AreListed()
    {
        WritePart("one.safetensors", "a");
        WritePart("two.safetensors", "a");
        Assert.Contains("'one.safetensors', 'two.safetensors'", Assert.Throws<MmkException>(() => Checkpoint.Open(folder)).Message);
    }

    [Fact]
    public void PickledWeights_AreNamedAndNotRead()
    {
        File.WriteAllText(Path.Combine(folder, "pytorch_model.bin"), "");
        Assert.Contains("pickle", Assert.Throws<MmkException>(() => Checkpoint.Open(folder)).Message);
    }

    /// <summary>The first tensor is a hole of a sparse file: the test needs next to no disk.</summary>
    [Fact]
    public void TensorsBeyondTwoGigabytes_AreReadInPlace()
    {
        string path = Path.Combine(folder, "model.safetensors");
        const int Elements = 1_300_000_000;
        SafetensorsWriter.Write(path,
        [
            new TensorToWrite("a", TensorFormat.BF16, new Shape(Elements), stream =>
            {
                stream.Seek(2L * Elements - 2, SeekOrigin.Current);
                stream.Write([0x80, 0x3F]);   // 1.0
            }),
            new TensorToWrite("b", TensorFormat.BF16, new Shape(2), new byte[] { 0, 0x40, 0x40, 0x40 }),   // 2.0, 3.0
        ]);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        CheckpointTensor large = checkpoint["a"];
        Assert.Equal(2L * Elements, large.Bytes);
        Assert.Equal(409, Assert.Throws<MmkException>(() => large.Data.Length).Number);
        Assert.Equal([0x80, 0x3F], large.Slice(large.Bytes - 2, 2).ToArray());
        var values = new float[2];
        large.ReadFloats(Elements - 2, values);
        Assert.Equal([0f, 1f], values);
        checkpoint["b"].ReadFloats(0, values);
        Assert.Equal([2f, 3f], values);
    }

    private void WritePart(string file, string tensor)
        => SafetensorsWriter.Write(Path.Combine(folder, file), [new TensorToWrite(tensor, TensorFormat.U8, new Shape(1), new byte[1])]);
}
