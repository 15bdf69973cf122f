using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

/// <summary>What decoding batches and prompts of any length relies on: a row's bits do not depend on the other rows.</summary>
[Collection(nameof(DeviceCollection))]
public sealed class LinearRowTests(DeviceFixture devices)
{
    private const int Outputs = 37, Inputs = 203;   // multiples of nothing that kernels step by

    public static TheoryData<DType, DType> Types
    {
        get
        {
            var data = new TheoryData<DType, DType>();
            foreach ((DType activations, DType weights) in AllCases.StorageTypes) data.Add(activations, weights);
            return data;
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void Linear_OfOneRowOfEachSequence_GivesEveryRowTheBitsThatItHasAlone(DType type, DType weights)
    {
        const int Most = 19;
        Operand x = Operand.Normal(type, 1, Most, Inputs), residual = Operand.Normal(type, 1, Most, Outputs);
        byte[][] alone = Enumerable.Range(0, Most).Select(row => Run(x, residual, weights, row, 1, steps: true)).ToArray();
        Assert.Equal(alone[3], Run(x, residual, weights, 3, 1, steps: false));   // [1, inputs] is a step too
        for (int rows = 2; rows <= Most; rows++) Assert.Equal(alone[..rows].SelectMany(bytes => bytes), Run(x, residual, weights, 0, rows, steps: true));
        Assert.Equal(alone[7], Run(x, residual, weights, 5, 6, steps: true).AsSpan(2 * Outputs * type.Bytes(), Outputs * type.Bytes()).ToArray());   // in another place of a tile
    }

    [Theory, MemberData(nameof(Types))]
    public void Linear_OfASequence_GivesEveryRowTheSameBitsWhateverTheirNumber(DType type, DType weights)
    {
        Operand x = Operand.Normal(type, 1, 300, Inputs), residual = Operand.Normal(type, 1, 300, Outputs);
        byte[] all = Run(x, residual, weights, 0, 300, steps: false);
        foreach ((int first, int rows) in new[] { (0, 2), (5, 9), (1, 16), (0, 17), (3, 64), (40, 130), (283, 17) })
            Assert.Equal(all.AsSpan(first * Outputs * type.Bytes(), rows * Outputs * type.Bytes()).ToArray(), Run(x, residual, weights, first, rows, steps: false));
    }

    private byte[] Run(Operand x, Operand residual, DType weights, int first, int rows, bool steps)
    {
        Accelerator cpu = devices.Cpu;
        Operand w = Operand.Normal(weights, 0.5, Outputs, Inputs), bias = Operand.Normal(weights, 1, Outputs);
        using TensorScope scope = cpu.OpenScope();
        var g = new Graph(cpu);
        Tensor own = Upload(scope, x).Rows(first, rows), added = Upload(scope, residual).Rows(first, rows);
        if (steps) (own, added) = (own.Reshape(rows, 1, Inputs), added.Reshape(rows, 1, Outputs));
        Tensor y = g.Keep(g.Linear(own, Upload(scope, w), Upload(scope, bias), added, Activation.Gelu));
        using GraphPlan plan = g.Plan();
        plan.Run();
        return cpu.Read<byte>(y);
    }

    private static Tensor Upload(TensorScope scope, Operand operand) => scope.Upload<byte>(operand.Type, new Shape(operand.Dims), operand.Content);
}
