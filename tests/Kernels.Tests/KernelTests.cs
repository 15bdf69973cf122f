using MmKernels.Graphs;

namespace MmKernels.Tests.Kernels;

[Collection(nameof(DeviceCollection))]
public sealed class KernelTests(DeviceFixture devices)
{
    public static TheoryData<string> Names => new(AllCases.ByName.Keys);

    /// <summary>One claim per row: the op gives its reference's result on both devices, the same bits on each, and touches nothing else.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Op_MatchesReference_AndDevicesAgreeToTheBit(string name)
    {
        KernelCase test = AllCases.ByName[name];
        byte[][] interpreted = CaseRunner.Run(devices.Interpreter, test);
        byte[][] compiled = CaseRunner.Run(devices.Cpu, test);

        DType[] types = CaseRunner.OutputTypes(devices.Interpreter, test);
        double[][] expected = test.Reference(test.Operands);
        Assert.Equal(expected.Length, interpreted.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            string? difference = Comparison.Difference(types[i], interpreted[i], expected[i], test.Tolerance);
            Assert.True(difference is null, $"{name}, result {i}: {difference}");
            string? disagreement = Comparison.Disagreement(types[i], compiled[i], interpreted[i]);
            Assert.True(disagreement is null, $"{name}, result {i}: the devices differ in {disagreement}");
        }
    }
}
