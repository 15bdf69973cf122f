using MmKernels.Data;
using MmKernels.Models;

namespace MmKernels.Tests;

/// <summary>A recipe bound to no weights asks for the names and shapes that published checkpoints have.</summary>
public class ManifestTests
{
    public static TheoryData<string, string> Layouts => new()
    {
        { "clip_vision", "" }, { "llm_llama", "" }, { "llava15", "" }, { "llava15", "original" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Manifest_OfAFixture_IsWhatItsFilesHold(string fixture, string variant)
    {
        string folder = Goldens.Folder(fixture)!;
        Check(variant.Length == 0 ? ModelFiles.Open(folder) : ModelFiles.OpenVariant(folder, variant));
    }

    [Fact]
    public void Manifest_OfTheEmbeddedModel_IsWhatItsFileHolds() => Check(ModelFiles.Open(Path.Combine(Goldens.Repository, "weights", "tiny-llava")));

    [Fact]
    public void Manifest_WithoutALayout_HasTheNamesOfTheHub()
    {
        ModelSpec spec = Read(ModelFiles.Open(Goldens.Folder("llava15")!));

        Assert.Contains("language_model.model.layers.2.self_attn.q_proj.weight [48, 48]", Model.Manifest(spec));
        Assert.Contains("vision_tower.vision_model.embeddings.patch_embedding.weight [32, 3, 7, 7]", Model.Manifest(spec));
    }

    private static ModelSpec Read(ModelFiles files) => Recipe.Of(files).Read(files);

    private static void Check(ModelFiles files)
    {
        ModelSpec spec = Read(files);
        Checkpoint[] checkpoints = [.. spec.Weights.Select(Checkpoint.Open)];
        try
        {
            HashSet<string> held = [.. checkpoints.SelectMany(checkpoint => checkpoint.Tensors).Select(tensor => $"{tensor.Name} {tensor.Shape}")];
            HashSet<string> asked = [.. Model.Manifest(spec, checkpoints)];

            Assert.Empty(asked.Except(held));
            // A buffer that no model reads, and the norm behind the tapped layers.
            Assert.All(held.Except(asked), name => Assert.True(name.Contains("position_ids") || name.Contains("post_layernorm"), name));
        }
        finally
        {
            foreach (Checkpoint checkpoint in checkpoints) checkpoint.Dispose();
        }
    }
}
