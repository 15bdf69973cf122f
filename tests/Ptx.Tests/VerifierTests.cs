using System.Text.Json;
using MmKernels.Ptx;

namespace MmKernels.Tests;

public class VerifierTests
{
    public static TheoryData<string> Bad() => [.. Corpus.Bad()];

    public static TheoryData<string> Good() => [.. Corpus.Cases()];

    [Theory]
    [MemberData(nameof(Bad))]
    public void EveryBadFile_IsRefused_AtItsLine(string folder)
    {
        using JsonDocument expect = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expect.json")));
        int line = expect.RootElement.GetProperty("line").GetInt32();
        MmkException error = Assert.Throws<MmkException>(() => PtxVerifier.Verify(PtxText.Parse(File.ReadAllText(Path.Combine(folder, "kernel.ptx")))));
        // ptxas names the line where its parser stopped, which may be one line late.
        Assert.Matches($@"PTX line ({line}|{line - 1}):", error.Problem);
        Assert.Equal(Number(expect.RootElement.GetProperty("kind").GetString()!), error.Number);
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void EveryCase_IsAccepted_AsReadAndAsPrinted(string folder)
    {
        PtxModule module = PtxText.Parse(File.ReadAllText(Path.Combine(folder, "kernel.ptx")));
        PtxVerifier.Verify(module);
        PtxVerifier.Verify(PtxText.Parse(PtxText.Print(module)));
    }

    private static int Number(string kind) => kind switch
    {
        "syntax" => 100,
        "lexical" => 101,
        "name" => 102,
        "opcode" => 103,
        "operands" => 104,
        "type" => 105,
        "module" => 106,
        "unsupported" => 107,
        _ => -1,
    };
}
