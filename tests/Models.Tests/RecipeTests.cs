using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;
using MmKernels.Models;

namespace MmKernels.Tests;

public class RecipeTests
{
    [Fact]
    public void Read_OriginalLayoutWithPad_PadsToASquareOfTheMeanColourFirst()
    {
        ModelFiles files = ModelFiles.OpenVariant(Goldens.Folder("llava15")!, "original");

        ImagePrompt images = Recipe.Of(files).Read(files).Images!;

        ExpandToSquareStep square = Assert.IsType<ExpandToSquareStep>(images.Preprocessing.Steps[1]);
        Assert.Equal([122, 116, 104], square.Fill[..3]);
    }

    [Fact]
    public void Tokenize_PieceByPiece_DropsTheBeginningTokenOfLaterPieces()
    {
        ModelFiles files = ModelFiles.OpenVariant(Goldens.Folder("llava15")!, "original");
        ImagePrompt images = Recipe.Of(files).Read(files).Images!;
        Tokenizer tokenizer = Tokenizer.Load(files.Tokenizer);

        int[] ids = images.Tokenize(tokenizer, "A <image> b <image>", addSpecialTokens: true);

        Assert.Equal(1, ids[0]);
        Assert.Equal(2, ids.Count(id => id == -200));
        Assert.DoesNotContain(1, ids[1..]);
    }

    [Fact]
    public void Of_ConfigOfAnotherSystem_IsMmk601AndSaysWhatIsKnown()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"model_type": "seamless"}""");

        var error = Assert.Throws<MmkException>(() => Recipe.Of(ModelFiles.Open(folder.Path)));

        Assert.Equal(601, error.Number);
        Assert.Contains("seamless", error.Message);
        Assert.Contains("LLaVA-1.5", error.Message);
        Assert.Contains("llama", error.Message);
    }

    [Theory]
    [InlineData("""{"model_type": "llama", "num_attention_heads": 3, "num_key_value_heads": 2}""", "num_key_value_heads")]
    [InlineData("""{"model_type": "llama", "hidden_act": "tanhshrink"}""", "hidden_act")]
    [InlineData("""{"model_type": "llama", "hidden_size": -4}""", "hidden_size")]
    [InlineData("""{"model_type": "llama", "num_hidden_layers": 2000000000}""", "num_hidden_layers")]
    [InlineData("""{"model_type": "llama", "head_dim": 2147483646}""", "head_dim")]
    [InlineData("""{"model_type": "clip_vision_model", "patch_size": 2000000000}""", "patch_size")]
    public void Read_ConfigThatMakesNoModel_NamesTheKey(string json, string key)
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", json);
        ModelFiles files = ModelFiles.Open(folder.Path);

        Assert.Contains(key, Assert.Throws<MmkException>(() => Recipe.Of(files).Read(files)).Message);
    }

    [Fact]
    public void Read_OriginalLayoutWithoutItsTower_SaysWhereItLooked()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Goldens.Folder("llava15")!, "config.original.json"), Path.Combine(folder.Path, "config.json"));
        ModelFiles files = ModelFiles.Open(folder.Path);

        var error = Assert.Throws<MmkException>(() => Recipe.Of(files).Read(files));

        Assert.Equal(604, error.Number);
        Assert.Contains("openai/clip-vit-large-patch14-336", error.Message);
    }
}
