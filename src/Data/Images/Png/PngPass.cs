namespace MmKernels.Data.Images.Png;

/// <summary>One pass of interlacing: the pixels at X + i·StepX, Y + j·StepY.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    public static PngPass Whole { get; } = new(0, 0, 1, 1);

    /// <summary>The seven passes of Adam7.</summary>
    public static PngPass[] Adam7 { get; } =
        [new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2)];

    public int WidthOf(int width) => (width - X + StepX - 1) / StepX;

    public int HeightOf(int height) => (height - Y + StepY - 1) / StepY;
}
