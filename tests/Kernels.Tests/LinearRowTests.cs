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
    public void Linear_OfUpTo16Rows_GivesEveryRowTheBitsThatItHasAlone(DType type, DType weights)
    {
        Operand x = Operand.Normal(type, 1, GemvKernel.MaxRows, Inputs), residual = Operand.Normal(type, 1, GemvKernel.MaxRows, Outputs);
        byte[][] alone = Enumerable.Range(0, GemvKernel.MaxRows).Select(row => Run(x, residual, weights, row, 1)).ToArray();
        for (int rows = 2; rows <= GemvKernel.MaxRows; rows++) Assert.Equal(alone[..rows].SelectMany(bytes => bytes), Run(x, residual, weights, 0, rows));
        Assert.Equal(alone[7], Run(x, residual, weights, 5, 6).AsSpan(2 * Outputs * type.Bytes(), Outputs * type.Bytes()).ToArray());   // in another place of a tile
    }

    [Theory, MemberData(nameof(Types))]
    public void Linear_OfMoreRows_GivesEveryRowTheSameBitsWhateverTheirNumber(DType type, DType weights)
    {
        Operand x = Operand.Normal(type, 1, 300, Inputs), residual = Operand.Normal(type, 1, 300, Outputs);
        byte[] all = Run(x, residual, weights, 0, 300);
        foreach ((int first, int rows) in new[] { (0, 17), (3, 64), (40, 130), (283, 17) })
            Assert.Equal(all.AsSpan(first * Outputs * type.Bytes(), rows * Outputs * type.Bytes()).ToArray(), Run(x, residual, weights, first, rows));
    }

    private byte[] Run(Operand x, Operand residual, DType weights, int first, int rows)
    {
        Accelerator cpu = devices.Cpu;
        Operand w = Operand.Normal(weights, 0.5, Outputs, Inputs), bias = Operand.Normal(weights, 1, Outputs);
        using TensorScope scope = cpu.OpenScope();
        var g = new Graph(cpu);
        Tensor y = g.Keep(g.Linear(Upload(scope, x).Rows(first, rows), Upload(scope, w), Upload(scope, bias), Upload(scope, residual).Rows(first, rows), Activation.Gelu));
        using GraphPlan plan = g.Plan();
        plan.Run();
        return cpu.Read<byte>(y);
    }

    private static Tensor Upload(TensorScope scope, Operand operand) => scope.Upload<byte>(operand.Type, new Shape(operand.Dims), operand.Content);
}
