using MmKernels.Runtime;
using MmKernels.Runtime.Cases;
using MmKernels.Runtime.Cpu;

namespace MmKernels.Tests;

public class JitCorpusTests
{
    public static TheoryData<string> Cases()
    {
        var data = new TheoryData<string>();
        foreach (string folder in PtxCases.Folders()) data.Add(folder);
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void EveryCase_OnTheCpuDevice_GivesTheExpectedOutputs(string folder)
    {
        PtxCase test = PtxCase.Read(folder);
        using var device = new CpuDevice(new CpuOptions { Threads = 2 });
        PtxCaseResult result;
        try { result = PtxCaseRunner.Run(device, test); }
        catch (MmkException e) when (test.Optional && e.Number == 310)
        {
            throw new SkipException($"optional case refused: {e.Message}");
        }
        Assert.True(result.Passed, string.Join("; ", result.Differences));
        // Recursion, loops with several entries, waiting for other warps through memory or a part of the block.
        bool interpreted = Path.GetFileName(folder) is "bulk_copy_sm90" or "mbarrier_sm80" or "named_barriers" or "own_irreducible_O2" or "own_recur_O0" or "own_recur_O2";
        if (!interpreted) Assert.DoesNotContain("interpreter", result.ExecutedBy);
    }
}
