using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MmKernels.Tests;

/// <summary><c>mmk pack</c>, and programs that cannot compile.</summary>
public sealed class PackTests : IDisposable
{
    private static readonly string Host = Path.Combine(Goldens.Repository, "bench", "NativeHost", "bin", "Release", "net10.0", "nativehost.dll");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Pack_WritesAnAssemblyOfTheListedKernels()
    {
        string list = folder.Write("kernels.txt", "# two kernels\nRmsNormKernel.Kernel<F32, F32> 128\nSoftmaxKernel.Kernel<F16> 128\n"), pack = Path.Combine(folder.Path, "MmKernels.Pack.dll");
        MmkResult result = Mmk.Run("pack", pack, "--list", list, "--lanes", "4", "--arch", "sm_80", "sm_90");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("2 kernels, 4 with their targets, ", result.Output);
        Assert.Contains("RmsNormKernel_Kernel_F32_F32", File.ReadAllText(pack));
    }

    [Theory]
    [InlineData("MMK535", "RmsNormKernel.Kernel<F32, F32>")]
    [InlineData("MMK535", "NoSuchKernel.Kernel 128")]
    [InlineData("MMK502", "RmsNormKernel.Kernel<F32> 128")]
    public void Pack_OfWhatIsNotThere_IsAnError(string number, string line)
    {
        MmkResult result = Mmk.Run("pack", Path.Combine(folder.Path, "pack.dll"), "--list", folder.Write("kernels.txt", line));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(number, result.Error);
    }

    [Fact]
    public void Pack_OfAListOrAnAssemblyThatCannotBeRead_IsAnError()
    {
        Assert.Contains("MMK720", Mmk.Run("pack", "pack.dll", "--list", Path.Combine(folder.Path, "nosuch.txt")).Error);
        string list = folder.Write("kernels.txt", "");
        Assert.Contains("MMK721", Mmk.Run("pack", "pack.dll", "--list", list, "--kernels", list).Error);
        Assert.Contains("MMK306", Mmk.Run("pack", "pack.dll", "--list", folder.Write("one.txt", "RmsNormKernel.Kernel<F32, F32> 128"), "--lanes", "5").Error);
    }

    [Fact]
    public void Run_WithKernelList_WritesWhatPackReads()
    {
        string list = Path.Combine(folder.Path, "kernels.txt");
        Assert.Equal(0, Mmk.Run("run", "--image", Mmk.Scene(0), "--prompt", "What color is the star?", "--max-tokens", "2", "--kernel-list", list).ExitCode);
        string[] lines = File.ReadAllLines(list);
        Assert.Contains(lines, line => line.StartsWith("RmsNormKernel.Kernel<", StringComparison.Ordinal));
        MmkResult packed = Mmk.Run("pack", Path.Combine(folder.Path, "pack.dll"), "--list", list, "--lanes", "8", "--arch", "sm_90");
        Assert.Equal("", packed.Error);
        Assert.StartsWith($"{lines.Length} kernels, {lines.Length} with their targets", packed.Output);
    }

    /// <summary>What a program lacks that is published with NativeAOT, an ordinary one can be told to do without.</summary>
    [Fact]
    public void ProgramThatCannotCompile_NamesTheKernelThatItLacks()
    {
        MmkResult result = Mmk.RunWithout("MmKernels.Graphs.KernelCompilation", folder, "run", "--image", Mmk.Scene(0), "--prompt", "What color is the star?");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"MMK530 `\w+Kernel\.\w+(<[\w, ]+>)? \d+` for sm_90 is in no kernel pack", result.Error);
    }

    [Fact]
    public void ProgramThatCannotMakeCode_InterpretsPtxAndSaysWhy()
    {
        string test = Directory.GetDirectories(Path.Combine(Goldens.Repository, "tests", "goldens", "ptx")).Order(StringComparer.Ordinal).First(path => File.Exists(Path.Combine(path, "case.json")));
        MmkResult result = Mmk.RunWithout("MmKernels.Runtime.JustInTime", folder, "ptx", "run", test);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("interpreter: this program cannot make code while it runs, and its kernel packs hold none", result.Output);
    }

    /// <summary>bench/NativeHost, published with NativeAOT, computes the bits of the same program under the JIT. Takes minutes: only where MMK_NATIVE_TESTS is set.</summary>
    [SkippableFact]
    public void ProgramPublishedWithNativeAot_GivesTheBitsOfTheJit()
    {
        Skip.If(Environment.GetEnvironmentVariable("MMK_NATIVE_TESTS") is null, "publishing with NativeAOT takes minutes: set MMK_NATIVE_TESTS=1");
        Skip.IfNot(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "written for Linux on x64");
        // A run under the JIT says what the pack must hold.
        string list = Path.Combine(folder.Path, "kernels.txt");
        File.WriteAllText(list, Run("dotnet", [Host, "--list"]).Output);
        string? native = Publish("net10.0", list) ?? Publish("net9.0", list);
        Skip.If(native is null, "NativeAOT's packages cannot be restored here, or clang and zlib are missing");

        JsonElement own = Results(native, []), managed = Results("dotnet", [Host]);
        Assert.Equal(("NativeAOT", File.ReadAllLines(list).Length), (own.GetProperty("runtime").GetString(), own.GetProperty("from_packs").GetInt32()));
        Assert.Equal(("JIT", 0), (managed.GetProperty("runtime").GetString(), managed.GetProperty("from_packs").GetInt32()));
        Assert.Equal(Hashes(managed), Hashes(own));
        Assert.Equal(2, Hashes(own).Length);

        static string[] Hashes(JsonElement run) => [.. run.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("sha256").GetString()!)];
    }

    /// <summary>The program, or null where what it takes is not there.</summary>
    private static string? Publish(string framework, string list)
    {
        MmkResult result = Run("dotnet", ["publish", "bench/NativeHost", "-c", "Release", "-r", "linux-x64", "-p:Native=true", $"-p:BuildApart={framework}", $"-p:KernelPackList={list}", "-v", "q", "--nologo"]);
        if (result.ExitCode == 0) return Path.Combine(Goldens.Repository, "bin", framework, "NativeHost", "Release", framework, "linux-x64", "publish", "nativehost");
        string text = result.Output + result.Error;
        string[] missing = ["NU1101", "NU1102", "NU1301", "NETSDK1204", "Platform linker ('clang' or 'gcc') not found", "cannot find -lz", "unable to find library -lz"];
        Assert.True(Array.Exists(missing, text.Contains), text);
        return null;
    }

    private static JsonElement Results(string program, string[] arguments)
    {
        MmkResult result = Run(program, arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private static MmkResult Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Goldens.Repository };
        // The publishing build must not take over this test's.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        return Mmk.Finish(Process.Start(start)!);
    }
}
