using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

/// <summary>Layers launched together give what they give one by one.</summary>
[Collection(nameof(DeviceCollection))]
public sealed class LinearGroupTests(DeviceFixture devices)
{
    private const int Inputs = 203;   // a multiple of nothing that kernels step by

    /// <summary>Of one block or several, whole or not, in every order.</summary>
    private static readonly int[][] Outputs = [[37], [130, 1], [160, 33, 70], [1, 129, 64]];

    public static TheoryData<DType, DType> Types
    {
        get
        {
            var data = new TheoryData<DType, DType>();
            foreach ((DType activations, DType weights) in AllCases.StorageTypes) data.Add(activations, weights);
            return data;
        }
    }

    /// <summary>The CPU has large caches, the interpreter stands for a GPU.</summary>
    [Theory, MemberData(nameof(Types))]
    public void Linears_OnTheCpu_GiveTheBitsOfSeparateLaunches(DType type, DType weights) => Compare(devices.Cpu, type, weights, [1, 2, 7, 33, 100, 300]);

    [Theory, MemberData(nameof(Types))]
    public void Linears_OnTheInterpreter_GiveTheBitsOfSeparateLaunches(DType type, DType weights) => Compare(devices.Interpreter, type, weights, [1, 3, 17]);

    [Fact]
    public void Linears_OfWeightsOfOneType_AreOneLaunch_AndOthersSeparateOnes()
    {
        var g = new Graph(devices.Interpreter);
        using TensorScope scope = devices.Interpreter.OpenScope();
        Tensor x = Upload(scope, Operand.Normal(DType.F32, 1, 3, 8)), whole = Upload(scope, Operand.Normal(DType.F32, 1, 5, 8)), half = Upload(scope, Operand.Normal(DType.F16, 1, 5, 8));
        Assert.Equal(3, g.Linears(x, (whole, null), (whole, null), (whole, null)).Length);
        Assert.Single(g.Launches);
        Assert.Equal(2, g.Linears(x, (whole, null), (half, null)).Length);
        Assert.Equal(3, g.Launches.Count);
    }

    [Fact]
    public void Linears_OfWeightsThatDoNotFit_SaySo()
    {
        var g = new Graph(devices.Cpu);
        using TensorScope scope = devices.Cpu.OpenScope();
        Tensor x = Upload(scope, Operand.Normal(DType.F32, 1, 3, 8)), fits = Upload(scope, Operand.Normal(DType.F32, 1, 5, 8)), other = Upload(scope, Operand.Normal(DType.F32, 1, 5, 7));
        Assert.Throws<MmkException>(() => g.Linears(x, (fits, null), (other, null)));
        Assert.Throws<MmkException>(() => g.Linears(x, (fits, other)));
        Assert.Throws<MmkException>(() => g.Linears(x));
        Assert.Throws<MmkException>(() => g.Linears(x, (fits, null), (fits, null), (fits, null), (fits, null)));
    }

    private static void Compare(Accelerator device, DType type, DType weights, int[] sizes)
    {
        foreach (int m in sizes)
            foreach (bool steps in new[] { false, true })
                foreach (int[] outputs in Outputs)
                {
                    if (steps && m > 17) continue;
                    // biases for all, for none, for the last alone
                    foreach (int biases in new[] { 0b111, 0b000, 1 << (outputs.Length - 1) }) Compare(device, type, weights, m, steps, outputs, biases);
                }
    }

    private static void Compare(Accelerator device, DType type, DType weights, int m, bool steps, int[] outputs, int biases)
    {
        using TensorScope scope = device.OpenScope();
        var g = new Graph(device);
        Tensor x = Upload(scope, Operand.Normal(type, 1, m, Inputs));
        if (steps) x = x.Reshape(m, 1, Inputs);
        var layers = new (Tensor W, Tensor? Bias)[outputs.Length];
        for (int i = 0; i < layers.Length; i++)
            layers[i] = (Upload(scope, Operand.Normal(weights, 0.5 + i, outputs[i], Inputs)), (biases >> i & 1) == 0 ? null : Upload(scope, Operand.Normal(weights, 1, outputs[i])));
        Tensor[] together = Array.ConvertAll(g.Linears(x, layers), g.Keep), separate = Array.ConvertAll(layers, layer => g.Keep(g.Linear(x, layer.W, layer.Bias)));
        using GraphPlan plan = g.Plan();
        plan.Run();
        for (int i = 0; i < layers.Length; i++)
            Assert.True(device.Read<byte>(separate[i]).AsSpan().SequenceEqual(device.Read<byte>(together[i])), $"{m} rows, steps {steps}, outputs {string.Join(" ", outputs)}, biases {biases:b}: layer {i} differs");
    }

    private static Tensor Upload(TensorScope scope, Operand operand) => scope.Upload<byte>(operand.Type, new Shape(operand.Dims), operand.Content);
}
