using System.Collections.Concurrent;
using MmKernels.Compiler;

namespace MmKernels.Tests;

/// <summary>Kernels in C# with expectations beside them.</summary>
public class FileTests
{
    private static readonly KernelCase[] cases = [.. KernelFile.Cases()];

    static FileTests() => KernelCompiler.Verify = true;

    public static TheoryData<string> Names() => [.. cases.Select(c => c.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Kernel_HasThePtxThatItsCommentsAskFor(string name)
    {
        KernelCase kernel = cases.First(c => c.ToString() == name);
        string ptx = Compile(kernel).Ptx;
        int at = 0;
        foreach (string check in kernel.Checks)
        {
            int found = ptx.IndexOf(check, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"{kernel.File}({kernel.Line}): `{check}` is not {(ptx.Contains(check) ? "in this order" : "there")}\n{ptx}");
            at = found + check.Length;
        }
        foreach (string absent in kernel.Absent) Assert.False(ptx.Contains(absent), $"{kernel.File}({kernel.Line}): `{absent}` is there\n{ptx}");
    }

    [SkippableTheory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void EveryKernel_AssemblesWithoutSpills(string target)
    {
        Skip.If(Ptxas.Program is null, "ptxas is not installed");
        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(cases, kernel =>
        {
            string said = Ptxas.Assemble(Compile(kernel, target).Ptx, target);
            bool local = kernel.Options.Contains("local");
            if (said.Contains("ptxas failed") || !said.Contains(" 0 bytes spill stores") || (!local && !said.Contains("0 bytes stack frame"))) faults.Add($"{kernel}: {said}");
        });
        Assert.True(faults.IsEmpty, string.Join("\n", faults));
    }

    [Fact]
    public void Compiling_Twice_GivesTheSameBytes()
    {
        foreach (KernelCase kernel in cases) Assert.Equal(Compile(kernel).Ptx, Compile(kernel).Ptx);
    }

    [Fact]
    public void EntryNames_DifferBetweenKernels()
    {
        string[] names = [.. cases.Select(c => (c.Method, Compile(c).Name)).Distinct().Select(c => c.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    private static CompiledKernel Compile(KernelCase kernel, string target = "sm_80")
    {
        int group = 0;
        foreach (string word in kernel.Options.Split(' '))
            if (word.StartsWith("group=")) group = int.Parse(word[6..]);
        return new KernelCompiler().Compile(kernel.Method, new CompileOptions(target, GroupX: group, LineInfo: kernel.Options.Contains("lines"), Contract: !kernel.Options.Contains("exact")));
    }
}
