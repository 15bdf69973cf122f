using System.Diagnostics;
using MmKernels.Ptx;

namespace MmKernels.Tests;

public class RoundTripTests
{
    public static TheoryData<string> Cases()
    {
        var data = new TheoryData<string>();
        foreach (string folder in Corpus.Cases()) data.Add(folder);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryFile_ParsedAndPrinted_KeepsItsMeaning(string folder)
    {
        PtxModule first = PtxText.Parse(File.ReadAllText(Path.Combine(folder, "kernel.ptx")));
        string printed = PtxText.Print(first);
        PtxModule second = PtxText.Parse(printed);
        Assert.Equal(printed, PtxText.Print(second));
        Assert.Equal(first.Functions.Count, second.Functions.Count);
        for (int i = 0; i < first.Functions.Count; i++)
        {
            var a = first.Functions[i].Body.OfType<PtxInstruction>().ToList();
            var b = second.Functions[i].Body.OfType<PtxInstruction>().ToList();
            Assert.Equal(a.Select(x => x.ToString()), b.Select(x => x.ToString()));
        }
    }
}
