using MmKernels.Runtime;
using MmKernels.Runtime.Cases;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

public class InterpreterCorpusTests
{
    public static TheoryData<string> Cases()
    {
        var data = new TheoryData<string>();
        foreach (string folder in PtxCases.Folders()) data.Add(folder);
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void EveryCase_OnTheInterpreter_GivesTheExpectedOutputs(string folder)
    {
        PtxCase test = PtxCase.Read(folder);
        using var device = new InterpreterDevice();
        PtxCaseResult result;
        try { result = PtxCaseRunner.Run(device, test); }
        catch (MmkException e) when (test.Optional && e.Number == 310)
        {
            throw new SkipException($"optional case refused: {e.Message}");
        }
        Assert.True(result.Passed, string.Join("; ", result.Differences));
    }
}
