using MmKernels.Data;

namespace MmKernels.Tests;

/// <summary>What users can get wrong: one clear message on stderr, exit code 1 for errors and 2 for usage, never a stack trace.</summary>
public class BadInputTests
{
    [Fact]
    public void Run_NoSuchPicture_SaysSo() => Fails(1, "there is no such file", "run", "--image", "/no/such.png", "--prompt", "What?");

    [Fact]
    public void Run_PictureThatIsNone_SaysSo() => Fails(1, "answers.json", "run", "--image", Path.Combine(Mmk.Model, "examples", "answers.json"), "--prompt", "What?");

    [Fact]
    public void Run_CutPicture_SaysSo()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "cut.png");
        File.WriteAllBytes(path, File.ReadAllBytes(Mmk.Scene(0))[..5000]);

        Fails(1, "cut.png", "run", "--image", path, "--prompt", "What?");
    }

    [Fact]
    public void Run_NoSuchModel_SaysSo() => Fails(1, "there is no such folder", "run", "/no/such/model", "--prompt", "What?");

    [Fact]
    public void Run_FolderThatIsNoCheckpoint_SaysSo() => Fails(1, "no config.json", "run", Path.Combine(Mmk.Model, "examples"), "--prompt", "What?");

    [Fact]
    public void Run_UnknownSystem_SaysWhatIsKnown()
    {
        using TemporaryFolder folder = Copy();
        folder.Write("config.json", """{"model_type": "wav2vec9"}""");

        Fails(1, "Known are", "run", folder.Path, "--prompt", "What?");
    }

    [Fact]
    public void Run_MissingTensors_ListsAllOfThemWithTheNearestNames()
    {
        using TemporaryFolder folder = Copy();
        Rewrite(folder, tensor => tensor.Name.Contains("layers.2.mlp") || tensor.Name.Contains("linear_1") ? null : tensor.Shape);

        string error = Fails(1, "language_model.model.layers.2.mlp.up_proj.weight", "run", folder.Path, "--image", Mmk.Scene(0), "--prompt", "What?");
        Assert.Contains("multi_modal_projector.linear_1.bias", error);
        Assert.Contains("vision_tower.vision_model.encoder.layers.2.mlp.fc1.weight", error);
        Assert.Contains("layers.1.mlp.up_proj.weight", error);
    }

    [Fact]
    public void Run_TensorOfAnotherShape_SaysBothShapes()
    {
        using TemporaryFolder folder = Copy();
        Rewrite(folder, tensor => tensor.Name == "language_model.model.norm.weight" ? new Shape(80, 2) : tensor.Shape);

        string error = Fails(1, "language_model.model.norm.weight", "run", folder.Path, "--prompt", "What?");
        Assert.Contains("[80, 2]", error);
        Assert.Contains("[160]", error);
    }

    [Fact]
    public void Run_CutWeights_SaysSo()
    {
        using TemporaryFolder folder = Copy();
        string path = Path.Combine(folder.Path, "model.safetensors");
        using (FileStream file = File.OpenWrite(path)) file.SetLength(1_000_000);

        Fails(1, "model.safetensors", "run", folder.Path, "--prompt", "What?");
    }

    [Fact]
    public void Run_NoTokenizer_SaysSo()
    {
        using TemporaryFolder folder = Copy();
        File.Delete(Path.Combine(folder.Path, "tokenizer.json"));

        Fails(1, "tokenizer.json", "run", folder.Path, "--prompt", "What?");
    }

    [Fact]
    public void Run_MarkerWithoutItsPicture_SaysSo() => Fails(1, "1 <image> marker but 0 images", "run", "--prompt", "USER: <image>\nWhat? ASSISTANT:");

    [Fact]
    public void Run_PictureWithoutItsMarker_SaysSo()
        => Fails(1, "1 <image> marker but 2 images", "run", "--image", Mmk.Scene(0), "--image", Mmk.Scene(1), "--prompt", "USER: <image>\nWhat? ASSISTANT:");

    [Fact]
    public void Run_PictureForALanguageModel_SaysSo()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Goldens.Folder("llm_llama")!, "*.*")) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        File.Copy(Path.Combine(Mmk.Model, "tokenizer.json"), Path.Combine(folder.Path, "tokenizer.json"));

        Fails(1, "cannot look at pictures", "run", folder.Path, "--image", Mmk.Scene(0), "--prompt", "What?");
    }

    [Fact]
    public void Run_UnknownDevice_SaysWhichThereAre() => Fails(1, "cpu, interpreter and cuda:N", "run", "--prompt", "What?", "--device", "tpu");

    [Fact]
    public void Run_NegativeTemperature_SaysWhatItMayBe() => Fails(1, "-0.7 is no temperature", "run", "--prompt", "What?", "--temperature", "-0.7");

    [Theory]
    [InlineData("run")]
    [InlineData("run", "--prompt", "What?", "--nonsense")]
    [InlineData("run", "--prompt", "What?", "--max-tokens", "many")]
    [InlineData("run", "--prompt", "What?", "--max-tokens", "0")]
    [InlineData("run", "--prompt", "What?", "--threads", "-1")]
    [InlineData("verify")]
    [InlineData("sing")]
    [InlineData]
    public void Mmk_WrongUsage_ExitsWithTwo(params string[] arguments) => Fails(2, "", arguments);

    [Fact]
    public void Verify_FolderWithoutReference_SaysWhatIsMissing() => Fails(1, "reference.json", "verify", Mmk.Model);

    private static string Fails(int exitCode, string message, params string[] arguments)
    {
        MmkResult result = Mmk.Run(arguments);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Error);
        Assert.StartsWith("mmk: ", result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.DoesNotContain("Exception", result.Error);
        return result.Error;
    }

    private static TemporaryFolder Copy()
    {
        var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Mmk.Model)) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        return folder;
    }

    /// <summary>Writes the weights anew, with other shapes, or without those whose shape is null.</summary>
    private static void Rewrite(TemporaryFolder folder, Func<CheckpointTensor, Shape?> shapeOf)
    {
        using Checkpoint source = Checkpoint.Open(Mmk.Model);
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model.safetensors"), source.Tensors
            .Select(tensor => (tensor, shape: shapeOf(tensor)))
            .Where(pair => pair.shape is not null)
            .Select(pair => new TensorToWrite(pair.tensor.Name, pair.tensor.Format, pair.shape!.Value, pair.tensor.Data.ToArray())));
    }
}
