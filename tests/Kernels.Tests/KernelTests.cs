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

        DType[] types = OutputTypes(test);
        double[][] expected = test.Reference(test.Operands);
        Assert.Equal(expected.Length, interpreted.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            string? difference = Comparison.Difference(types[i], interpreted[i], expected[i], test.Tolerance);
            Assert.True(difference is null, $"{name}, result {i}: {difference}");
            Assert.True(SameBits(types[i], compiled[i], interpreted[i]), $"{name}, result {i}: the devices differ; {Differing(types[i], compiled[i], interpreted[i])}");
        }
    }

    private DType[] OutputTypes(KernelCase test)
    {
        Tensor[] tensors = Array.ConvertAll(test.Operands, operand => devices.Interpreter.Allocate(operand.Type, new Shape(operand.Dims)));
        DType[] types = Array.ConvertAll(test.Op(new Graph(devices.Interpreter), tensors), output => output.DType);
        foreach (Tensor tensor in tensors) devices.Interpreter.Release(tensor.Memory.Buffer!);
        return types;
    }

    /// <summary>The same bits, but for the payload of NaN, which PTX leaves open.</summary>
    private static bool SameBits(DType type, byte[] a, byte[] b)
    {
        if (a.AsSpan().SequenceEqual(b)) return true;
        if (!type.IsFloat() || a.Length != b.Length) return false;
        double[] x = Storage.Decode(type, a), y = Storage.Decode(type, b);
        int bytes = type.Bytes();
        for (int i = 0; i < x.Length; i++)
        {
            bool same = a.AsSpan(i * bytes, bytes).SequenceEqual(b.AsSpan(i * bytes, bytes));
            if (!same && !(double.IsNaN(x[i]) && double.IsNaN(y[i]))) return false;
        }
        return true;
    }

    private static string Differing(DType type, byte[] a, byte[] b)
    {
        double[] x = Storage.Decode(type, a), y = Storage.Decode(type, b);
        int[] places = Enumerable.Range(0, x.Length).Where(i => !x[i].Equals(y[i])).ToArray();
        return places.Length == 0 ? "in the sign of zero" : $"{places.Length} of {x.Length} elements, first {places[0]}: cpu {x[places[0]]:R}, interpreter {y[places[0]]:R}";
    }
}
