namespace MmKernels.Tests;

/// <summary><c>mmk ptx run</c>: cases pass, fail and are refused with the exit code that scripts rely on.</summary>
public class PtxTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("interpreter")]
    public void PtxRun_CaseThatPasses_ExitsWithZero(string device)
    {
        MmkResult result = Mmk.Run("ptx", "run", Case("global_vars"), "--device", device);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("ok ", result.LastLine);
    }

    [Fact]
    public void PtxRun_CaseWithAnotherExpectation_ExitsWithOneAndNamesTheElement()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Case("bit_ops"))) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        string data = Path.Combine(folder.Path, "data.safetensors");
        byte[] bytes = File.ReadAllBytes(data);
        bytes[^1] ^= 0x40;
        File.WriteAllBytes(data, bytes);

        MmkResult result = Mmk.Run("ptx", "run", folder.Path);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FAILED", result.Output);
        Assert.Contains("1 of ", result.Output);
    }

    [Fact]
    public void PtxRun_UnderTheSanitizer_FindsNothingInASoundKernel() => Assert.Equal(0, Mmk.Run("ptx", "run", Case("named_barriers"), "--check").ExitCode);

    [Fact]
    public void PtxRun_FolderWithoutCases_SaysWhatACaseIs()
    {
        MmkResult result = Mmk.Run("ptx", "run", Path.GetTempPath());
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("case.json", result.Error);
    }

    private static string Case(string name) => Path.Combine(Goldens.Folder("ptx")!, name);
}
