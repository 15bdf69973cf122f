using System.Globalization;
using Xunit.Abstractions;

namespace MmKernels.Fuzz;

public class FuzzTests(ITestOutputHelper output)
{
    /// <summary>Half a minute for all targets together; MMK_FUZZ_INPUTS asks for a number of inputs instead, however long they take.</summary>
    private static readonly TimeSpan slice = TimeSpan.FromSeconds(30) / FuzzTarget.All.Count;

    public static TheoryData<string> Targets() => new(FuzzTarget.All.Select(target => target.Name));

    [Theory, MemberData(nameof(Targets))]
    public void MutatedInputs_AreAcceptedOrRefusedWithinBounds(string name)
    {
        string? asked = Environment.GetEnvironmentVariable("MMK_FUZZ_INPUTS");
        int inputs = asked is null ? int.MaxValue : int.Parse(asked, CultureInfo.InvariantCulture);
        FuzzReport report = Fuzzer.Run(FuzzTarget.All.Single(target => target.Name == name), 1, inputs, asked is null ? slice : TimeSpan.MaxValue);
        output.WriteLine(report.ToString());
        Assert.True(report.Failures.Count == 0, string.Join("\n", report.Failures));
        Assert.True(report.Inputs > 0, "no input ran");
    }

    [Fact]
    public void EscapingException_IsReportedWithTheCommandThatRepeatsIt()
    {
        FuzzReport report = Fuzzer.Run(new TrustsAnIndex(), 1, 20_000, TimeSpan.FromSeconds(20));
        Assert.Contains("IndexOutOfRangeException", report.Failures[0]);
        Assert.Contains("--target trusts-an-index --seed 1 --only", report.Failures[0]);
    }

    [Fact]
    public void AllocationBeyondTheBound_IsReported()
        => Assert.Contains("bytes allocated", Fuzzer.Run(new TrustsACount(), 1, 20_000, TimeSpan.FromSeconds(20)).Failures[0]);

    [Fact]
    public void SameSeedAndIndex_MakeTheSameInput()
    {
        for (int i = 0; i < 100; i++) Assert.Equal(new Mutator(new TrustsACount()).Make(3, i), new Mutator(new TrustsACount()).Make(3, i));
    }

    private sealed class TrustsAnIndex : FuzzTarget
    {
        public override string Name => "trusts-an-index";

        public override IEnumerable<byte[]> Seeds() => [[2, 0, 0, 1, 2, 3]];

        public override void Run(byte[] input) => _ = input.Length == 0 ? throw new MmkException(0, "empty") : input[input[0]];
    }

    private sealed class TrustsACount : FuzzTarget
    {
        public override string Name => "trusts-a-count";

        public override IEnumerable<byte[]> Seeds() => [[2, 0, 0, 1, 2, 3]];

        public override long MaxAllocatedBytes(int inputBytes) => 1 << 20;

        public override void Run(byte[] input) => GC.KeepAlive(new byte[input.Length == 0 ? 0 : input[0] << 16]);
    }
}
