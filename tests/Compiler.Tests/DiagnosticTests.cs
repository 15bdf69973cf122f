using System.Reflection;
using System.Text.RegularExpressions;
using MmKernels.Compiler;

namespace MmKernels.Tests;

/// <summary>What cannot be compiled says where and what to do.</summary>
public partial class DiagnosticTests
{
    [GeneratedRegex(@"// error: MMK(\d+)")]
    private static partial Regex Expectation();

    /// <summary>Kernel name, line, number; a kernel's fault is the first expectation at or behind its declaration.</summary>
    public static TheoryData<string, int, int> Faults()
    {
        var data = new TheoryData<string, int, int>();
        string[] lines = File.ReadAllLines(Path.Combine(KernelFile.Folder(), "Bad.cs"));
        for (int i = 0; i < lines.Length; i++)
        {
            if (Regex.Match(lines[i], @"private static (?:unsafe |async )*void (\w+)\(") is not { Success: true } kernel) continue;
            for (int j = i; j < lines.Length; j++)
            {
                if (j > i && Regex.IsMatch(lines[j], @"private static (?:unsafe |async )*void ")) break;
                if (Expectation().Match(lines[j]) is not { Success: true } fault) continue;
                data.Add(kernel.Groups[1].Value, j + 1, int.Parse(fault.Groups[1].Value));
                break;
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_IsReportedWithItsNumberFileAndLine(string kernel, int line, int number)
    {
        MmkException error = Assert.Throws<MmkException>(() => new KernelCompiler().Compile(KernelFile.Find(kernel), new CompileOptions(GroupX: 64)));
        Assert.Equal(number, error.Number);
        Assert.Contains($"Bad.cs({line})", error.Message);
        Assert.False(string.IsNullOrEmpty(error.Hint));
    }

    [Fact]
    public void FaultInCalledMethod_NamesTheCallersLineToo()
    {
        MmkException error = Assert.Throws<MmkException>(() => new KernelCompiler().Compile(KernelFile.Find("Recursive"), new CompileOptions()));
        Assert.Contains("called from Bad.cs", error.Message);
    }

    [Fact]
    public void Delegate_IsReportedInTheKernelThatMakesIt()
    {
        MmkException error = Assert.Throws<MmkException>(() => new KernelCompiler().Compile(KernelFile.Find("UsesDelegate"), new CompileOptions()));
        Assert.Contains(error.Number, (int[])[208, 213]);
    }

    [Theory]
    [InlineData("Returns", 201)]
    [InlineData("Awaits", 201)]
    [InlineData("TakesViewsInAStruct", 202)]
    [InlineData("TakesClass", 202)]
    public void WrongSignature_IsAnErrorThatNamesTheKernel(string kernel, int number)
    {
        MmkException error = Assert.Throws<MmkException>(() => new KernelCompiler().Compile(KernelFile.Find(kernel), new CompileOptions()));
        Assert.Equal(number, error.Number);
        Assert.Contains(kernel, error.Message);
    }

    [Fact]
    public void OpenGenericKernel_IsAnError()
    {
        MethodInfo open = KernelFile.Find("Copy F32").GetGenericMethodDefinition();
        Assert.Equal(201, Assert.Throws<MmkException>(() => new KernelCompiler().Compile(open, new CompileOptions())).Number);
    }

    [Fact]
    public void UnknownTarget_IsAnErrorThatShowsIt()
        => Assert.Contains("gfx90", Assert.Throws<MmkException>(() => new KernelCompiler().Compile(KernelFile.Find("Saxpy"), new CompileOptions("gfx90"))).Message);

    [Fact]
    public void FailedCompilation_LeavesTheCompilerUsable()
    {
        var compiler = new KernelCompiler();
        Assert.Throws<MmkException>(() => compiler.Compile(KernelFile.Find("Throws"), new CompileOptions()));
        Assert.Contains("fma", compiler.Compile(KernelFile.Find("Saxpy"), new CompileOptions()).Ptx);
    }

    [Fact]
    public void BadInlinePtx_IsAnErrorThatQuotesIt()
    {
        MmkException error = Assert.Throws<MmkException>(() => new KernelCompiler().Compile(KernelFile.Find("WritesBadPtx"), new CompileOptions()));
        Assert.Equal(221, error.Number);
        Assert.Contains("lop9", error.Message);
    }
}
