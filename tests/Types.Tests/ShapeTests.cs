namespace MmKernels.Tests;

public class ShapeTests
{
    [Fact]
    public void Elements_IsTheProductOfTheDimensions()
    {
        Assert.Equal(24, new Shape(2, 3, 4).Elements);
        Assert.Equal(1, new Shape().Elements);
        Assert.Equal(1, default(Shape).Elements);
        Assert.Equal(0, new Shape(5, 0).Elements);
    }

    [Fact]
    public void NegativeDimension_IsAnErrorThatShowsTheShape()
        => Assert.Contains("[2, -1]", Assert.Throws<MmkException>(() => new Shape(2, -1)).Message);

    [Fact]
    public void TooManyElements_IsAnErrorAndNotAnOverflow()
        => Assert.Equal(1, Assert.Throws<MmkException>(() => new Shape(int.MaxValue, int.MaxValue, int.MaxValue)).Number);

    [Fact]
    public void WrongRank_IsAnErrorThatNamesBoth()
    {
        var error = Assert.Throws<MmkException>(() => { var (_, _) = new Shape(1, 2, 3); });
        Assert.Contains("3 dimensions where 2", error.Message);
    }

    [Fact]
    public void Equality_ComparesDimensions()
    {
        Assert.True(new Shape(2, 3) == new Shape(2, 3));
        Assert.True(new Shape(2, 3) != new Shape(3, 2));
        Assert.Equal(new Shape(2, 3).GetHashCode(), new Shape(2, 3).GetHashCode());
    }
}
