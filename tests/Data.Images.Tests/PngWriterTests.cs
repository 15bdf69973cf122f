using MmKernels.Data.Images;

namespace MmKernels.Tests;

public class PngWriterTests
{
    public static TheoryData<string> Pictures() => ["png/gray8.png", "png/graya8.png", "png/rgb8.png", "png/rgba8.png", "png/palette4-trns.png", "png/rgb8-trns.png", "png/gray8-trns.png", "jpeg/base-420-q90.jpg"];

    [Theory]
    [MemberData(nameof(Pictures))]
    public void WrittenPicture_ReadsBackIdentical(string file)
    {
        Image image = ImageFile.Decode(Path.Combine(Goldens.Folder("images")!, file));
        Image again = ImageFile.Decode(ImageFile.EncodePng(image));
        Assert.Equal((image.Width, image.Height, image.Mode), (again.Width, again.Height, again.Mode));
        Assert.True(image.Pixels.SequenceEqual(again.Pixels));
        Assert.True(image.Palette.SequenceEqual(again.Palette));
        Assert.True(image.ToRgba().Pixels.SequenceEqual(again.ToRgba().Pixels));
    }

    [Fact]
    public void UnwritablePath_IsAnErrorWithThePath()
    {
        var error = Assert.Throws<MmkException>(() => ImageFile.WritePng("nowhere/out.png", new Image(1, 1, PixelMode.Gray, [7])));
        Assert.Equal(471, error.Number);
        Assert.Contains("nowhere/out.png", error.Message);
    }
}
