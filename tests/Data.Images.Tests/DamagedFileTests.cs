using System.Security.Cryptography;
using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Tests;

/// <summary>Damaged and hostile files: refused with an error of this library, or decoded as recorded; never anything else.</summary>
public class DamagedFileTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string folder in Goldens.Folders(Path.Combine("images", "bad"), firstOfRepository: true))
            using (JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json"))))
                foreach (JsonElement one in index.RootElement.GetProperty("cases").EnumerateArray())
                    cases.Add(folder, one.GetRawText());
        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void DamagedFile_IsAnsweredAsRecorded(string folder, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement expected = document.RootElement;
        string path = Path.Combine(folder, expected.GetProperty("file").GetString()!);
        string strict = expected.GetProperty("strict").GetString()!, why = expected.GetProperty("why").GetString()!;
        Image? image = null;
        MmkException? refused = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try { image = DecodeTests.Decode(path).ToRgb(); }
        catch (MmkException e) { refused = e; }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        if (strict == "reject") Assert.True(refused is not null, $"accepted although: {why}");
        if (strict == "accept") Assert.True(refused is null, refused?.Message);
        if (image is not null && expected.TryGetProperty("rgb_sha256", out JsonElement hash) && expected.GetProperty("pillow").GetString() == "decodes")
            Assert.Equal(hash.GetString(), Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
        // What a refused file may cost: its own bytes and 4 MB of tables and buffers, whatever size it declares.
        if (refused is not null) Assert.InRange(allocated, 0, (4 << 20) + 2 * new FileInfo(path).Length);
    }

    [Fact]
    public void MissingFile_IsAnErrorWithThePath()
        => Assert.Contains("nowhere/cat.png", Refused(() => ImageFile.Decode("nowhere/cat.png"), 460));

    [Fact]
    public void FolderInsteadOfFile_IsAnError() => Assert.Contains("folder", Refused(() => ImageFile.Decode(AppContext.BaseDirectory), 460));

    [Fact]
    public void SomethingElse_IsAnErrorThatShowsTheFirstBytes()
    {
        Assert.Contains("255044462d312e37, like a PDF", Refused(() => ImageFile.Decode("%PDF-1.7"u8.ToArray()), 461));
        Assert.Contains("(\"# a title \")", Refused(() => ImageFile.Decode("# a title\n"u8.ToArray()), 461));
        Assert.Contains("is empty", Refused(() => ImageFile.Decode([]), 461));
    }

    [Fact]
    public void PictureAboveTheLimit_IsRefusedByItsHeader()
    {
        string png = Path.Combine(Goldens.Folder("images")!, "png", "rgb8.png");
        Assert.Contains("37 x 23", Refused(() => ImageFile.Decode(png, new ImageLimits { MaxPixels = 850 }), 464));
        Assert.Equal(37, ImageFile.Decode(png, new ImageLimits { MaxPixels = 851 }).Width);
    }

    private static string Refused(Action decode, int number)
    {
        var error = Assert.Throws<MmkException>(decode);
        Assert.Equal(number, error.Number);
        return error.Message;
    }
}
