using System.Text.Json;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Models;

namespace MmKernels.Tests;

/// <summary>goldens/llava_next/geometry.json: what both implementations keep of pictures of many sizes.</summary>
public class UnpaddedRowsTests
{
    [Theory]
    [InlineData("fixture")]
    [InlineData("published")]
    public void Tokens_RecordedSizes_AreThoseOfBothImplementations(string set)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Goldens.Folder("llava_next")!, "geometry.json")));
        JsonElement geometry = document.RootElement.GetProperty(set);
        int side = geometry.GetProperty("tile").GetInt32(), patches = geometry.GetProperty("patches_per_tile_side").GetInt32();
        PixelSize[] pinpoints = [.. geometry.GetProperty("pinpoints_height_width").EnumerateArray().Select(pair => new PixelSize(pair[1].GetInt32(), pair[0].GetInt32()))];
        var plan = new PreprocessPlan([new TileStep(new AnyResTiles(side, pinpoints), ResampleFilter.Bicubic)]);

        foreach (JsonElement size in geometry.GetProperty("sizes").EnumerateArray())
        {
            ResolvedPlan resolved = plan.Resolve(size.GetProperty("width").GetInt32(), size.GetProperty("height").GetInt32());

            Assert.Equal(size.GetProperty("features").GetInt32(), new UnpaddedRows(RoundsFirst: true, "n").Tokens(resolved, patches, patches));
            int original = patches * patches + size.GetProperty("original_rows").GetInt32() * (size.GetProperty("original_cols").GetInt32() + 1);
            Assert.Equal(original, new UnpaddedRows(RoundsFirst: false, "n").Tokens(resolved, patches, patches));
        }
    }
}
