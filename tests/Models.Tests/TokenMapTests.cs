using MmKernels.Models;

namespace MmKernels.Tests;

public class TokenMapTests
{
    private const int Image = 9;

    [Fact]
    public void Expand_TwoPictures_PutsTheirRowsInPlaceOfTheMarkers()
    {
        TokenMap map = TokenMap.Expand([1, Image, 2, Image, 3], Image, [2, 3]);

        Assert.Equal([1, 0, 0, 2, 0, 0, 0, 3], map.Ids());
        Assert.Equal([-1, 0, 1, -1, 2, 3, 4, -1], map.VisualIndices());
        Assert.Equal([new VisualSpan(1, 0, 2), new VisualSpan(4, 1, 3)], map.Visual);
    }

    [Fact]
    public void FromExpanded_PlaceholdersPerRow_GivesTheSameAsExpand()
    {
        TokenMap map = TokenMap.FromExpanded([1, Image, Image, 2, Image, Image, Image, 3], Image, [2, 3]);

        Assert.Equal(TokenMap.Expand([1, Image, 2, Image, 3], Image, [2, 3]).Rows, map.Rows);
        Assert.Equal([new VisualSpan(1, 0, 2), new VisualSpan(4, 1, 3)], map.Visual);
    }

    [Fact]
    public void FromExpanded_PicturesSideBySide_AreToldApartByTheirLengths()
        => Assert.Equal([new VisualSpan(0, 0, 1), new VisualSpan(1, 1, 2)], TokenMap.FromExpanded([Image, Image, Image], Image, [1, 2]).Visual);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    public void Expand_MarkersAndPicturesDiffer_IsMmk606(int markers, int pictures)
    {
        int[] ids = [1, .. Enumerable.Repeat(Image, markers)];
        int[] tokens = [.. Enumerable.Repeat(4, pictures)];

        Assert.Equal(606, Assert.Throws<MmkException>(() => TokenMap.Expand(ids, Image, tokens)).Number);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void FromExpanded_RowsAndTokensDiffer_IsMmk612(int rows)
        => Assert.Equal(612, Assert.Throws<MmkException>(() => TokenMap.FromExpanded([.. Enumerable.Repeat(Image, rows)], Image, [4])).Number);

    [Fact]
    public void From_InsideAPicture_KeepsTheNumbersOfItsRows()
    {
        TokenMap rest = TokenMap.Expand([1, Image, 2], Image, [4]).From(3);

        Assert.Equal([2, 3, -1], rest.VisualIndices());
        Assert.Equal([new VisualSpan(-2, 0, 4)], rest.Visual);
        Assert.True(rest.HasVisual);
        Assert.False(rest.From(2).HasVisual);
    }
}
