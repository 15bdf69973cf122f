using MmKernels.Data;

namespace MmKernels.Tests;

public class SafetensorsWriterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmk").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Target => Path.Combine(folder, "written.safetensors");

    /// <summary>The goldens with model weights were written by the Rust library.</summary>
    [Fact]
    public void RewrittenFile_IsByteIdenticalToTheLibrarys()
    {
        int compared = 0;
        foreach (string path in Goldens.Folders("gguf").Select(gguf => Path.Combine(gguf, "expected.safetensors"))
            .Concat(Goldens.Folders("llava15").SelectMany(model => Directory.EnumerateFiles(model, "*.safetensors"))).Where(File.Exists))
        {
            using (Checkpoint checkpoint = Checkpoint.Open(path))
            {
                SafetensorsWriter.Write(Target, checkpoint.Tensors.Reverse().Select(tensor => new TensorToWrite(tensor.Name, tensor.Format, tensor.Shape, tensor.Data.ToArray())),
                    checkpoint.Metadata.Count == 0 ? null : checkpoint.Metadata);
            }
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Target));
            compared++;
        }
        Assert.True(compared > 0, "no fixture root holds a file that the library wrote");
    }

    [Fact]
    public void OddNamesAndMetadata_SurviveTheRoundTrip()
    {
        var metadata = new Dictionary<string, string> { ["k\"\\"] = "line\nnext\u0001", ["й"] = "🙂" };
        SafetensorsWriter.Write(Target, [new("", TensorFormat.U8, new Shape(0), Array.Empty<byte>()), new("a\tb/\"é\"", TensorFormat.F4, new Shape(2, 3), new byte[3]), new("s", TensorFormat.F64, new Shape(), new byte[8])], metadata);
        using Checkpoint checkpoint = Checkpoint.Open(Target);
        Assert.Equal(metadata, checkpoint.Metadata);
        Assert.Equal(["s", "", "a\tb/\"é\""], checkpoint.Names);
        Assert.Equal(new Shape(2, 3), checkpoint["a\tb/\"é\""].Shape);
    }

    [Fact]
    public void WrongByteCount_IsAnErrorAndLeavesTheOldFile()
    {
        File.WriteAllText(Target, "old");
        MmkException error = Assert.Throws<MmkException>(() => SafetensorsWriter.Write(Target, [new("a", TensorFormat.F32, new Shape(2), new byte[7])]));
        Assert.Equal(415, error.Number);
        Assert.Contains("needs 8 bytes, 7 were written", error.Message);
        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void SameNameTwice_IsRefused()
        => Assert.Equal(415, Assert.Throws<MmkException>(() => SafetensorsWriter.Write(Target, [new("a", TensorFormat.U8, new Shape(0), Array.Empty<byte>()), new("a", TensorFormat.U8, new Shape(0), Array.Empty<byte>())])).Number);

    [Fact]
    public void BitsThatFillNoBytes_AreRefused()
        => Assert.Equal(415, Assert.Throws<MmkException>(() => SafetensorsWriter.Write(Target, [new("a", TensorFormat.F4, new Shape(3), new byte[2])])).Number);

    [Fact]
    public void MissingFolder_IsAnErrorWithThePath()
        => Assert.Equal(414, Assert.Throws<MmkException>(() => SafetensorsWriter.Write(Path.Combine(folder, "no", "file"), [])).Number);
}
