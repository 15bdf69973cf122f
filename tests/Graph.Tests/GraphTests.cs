using MmKernels.Graphs;

namespace MmKernels.Tests;

public sealed class GraphTests : IDisposable
{
    private readonly Accelerator accelerator = Accelerator.Open("interpreter");

    public void Dispose() => accelerator.Dispose();

    [Fact]
    public void Run_ReplaysTheLaunchesInOrder_AndReadsWhatIsKept()
    {
        var g = new Graph(accelerator);
        Tensor x = accelerator.Upload<float>(DType.F32, new Shape(100), [.. Enumerable.Range(0, 100).Select(i => (float)i)]);
        Tensor sum = accelerator.Allocate(DType.F32, new Shape(100));
        accelerator.Clear(sum);
        Tensor y = g.Scale(g.Scale(x, 2), 3);
        g.AddInto(y, sum);
        using GraphPlan plan = g.Plan();
        for (int run = 1; run <= 3; run++)
        {
            plan.Run();
            float[] result = accelerator.Read<float>(sum);
            for (int i = 0; i < 100; i++) Assert.Equal(6f * i * run, result[i]);
        }
        Assert.Equal((3, 1024L), (plan.Launches, plan.ArenaBytes));
    }

    [Fact]
    public void NamedTensors_AreReadableAfterARun_WhereTheGraphKeepsThem()
    {
        var g = new Graph(accelerator, keepNamed: true);
        Tensor x = accelerator.Upload<float>(DType.F32, new Shape(3), [1, 2, 3]);
        Tensor first = g.Name(g.Scale(x, 2), "first");
        Tensor last = g.Keep(g.Scale(g.Scale(first, 2), 2));
        using GraphPlan plan = g.Plan();
        plan.Run();
        Assert.Equal([2f, 4f, 6f], accelerator.Read<float>(g.Named["first"]));
        Assert.Equal([8f, 16f, 24f], accelerator.Read<float>(last));
    }

    [Fact]
    public void Rows_AreViewsOfTheSameMemory()
    {
        Tensor x = accelerator.Upload<float>(DType.F32, new Shape(3, 2), [1, 2, 3, 4, 5, 6]);
        Assert.Equal([3f, 4f], accelerator.Read<float>(x.Rows(1, 1)));
        Assert.Equal([3f, 4f, 5f, 6f], accelerator.Read<float>(x.Rows(1, 2).Reshape(4)));
        Assert.Equal(510, Assert.Throws<MmkException>(() => x.Rows(2, 2)).Number);
        Assert.Equal(509, Assert.Throws<MmkException>(() => x.Reshape(4)).Number);
    }

    [Fact]
    public void RunTraced_NamesEachLaunchAndItsOutput()
    {
        var g = new Graph(accelerator);
        Tensor x = accelerator.Upload<float>(DType.F32, new Shape(3), [1, 2, 3]);
        g.Scale(x, 2);
        using GraphPlan plan = g.Plan();
        LaunchTrace trace = Assert.Single(plan.RunTraced());
        Assert.Equal(("TestKernels.ScaleKernel<F32>", "F32 [3]"), (trace.Kernel, trace.Output));
    }

    [Fact]
    public void Run_OfATracedAccelerator_TellsStageOperationsAndBytesOfEachLaunch()
    {
        var g = new Graph(accelerator);
        Tensor x = accelerator.Upload<float>(DType.F32, new Shape(3), [1, 2, 3]);
        Tensor y = g.Name(g.Scale(x, 2), "twice");
        g.Work(operations: 3);
        g.Keep(g.Scale(y, 2));
        g.Work(operations: 3, bytes: 5);
        using GraphPlan plan = g.Plan();
        var traces = new List<LaunchTrace>();
        accelerator.Traced = traces.Add;
        plan.Run();
        plan.Run();
        accelerator.Traced = null;
        plan.Run();
        Assert.Equal([("twice F32 [3]", 3.0, 24.0), ("F32 [3]", 3, 5), ("twice F32 [3]", 3, 24), ("F32 [3]", 3, 5)], traces.Select(trace => (trace.Output, trace.Operations, trace.Bytes)));
        Assert.All(traces, trace => Assert.True(trace.Milliseconds > 0));
    }

    [Fact]
    public void Launch_OfATensorThatNobodyWrote_IsAnError()
    {
        var g = new Graph(accelerator);
        Assert.Equal(504, Assert.Throws<MmkException>(() => g.Scale(g.New(DType.F32, 4), 2)).Number);
    }

    [Fact]
    public void Launch_WithATensorOfAnotherGraph_IsAnError()
    {
        var other = new Graph(accelerator);
        Tensor x = accelerator.Allocate(DType.F32, new Shape(4));
        Tensor foreign = other.Scale(x, 2);
        Assert.Equal(512, Assert.Throws<MmkException>(() => new Graph(accelerator).Scale(foreign, 2)).Number);
    }

    [Fact]
    public void Launch_WithWrongArguments_NamesTheParameter()
    {
        var g = new Graph(accelerator);
        Tensor x = accelerator.Allocate(DType.F32, new Shape(4));
        Tensor ids = accelerator.Allocate(DType.I32, new Shape(4));
        var kernel = new KernelRef(typeof(TestKernels), nameof(TestKernels.ScaleKernel), KernelRef.Element(DType.F32));
        Assert.Contains("`n` is Int32, the argument Single", Assert.Throws<MmkException>(() => g.Launch(kernel, 1, 32, x, x, 4f, 1f)).Message);
        Assert.Contains("3 arguments for 4 parameters", Assert.Throws<MmkException>(() => g.Launch(kernel, 1, 32, x, x, 4)).Message);
        Assert.Contains("`x` holds F32", Assert.Throws<MmkException>(() => g.Launch(kernel, 1, 32, ids, x, 4, 1f)).Message);
        Assert.Contains("`n` is Int32, the argument the tensor", Assert.Throws<MmkException>(() => g.Launch(kernel, 1, 32, x, x, x, 1f)).Message);
        Assert.Equal(511, Assert.Throws<MmkException>(() => g.Launch(kernel, 1, 1025, x, x, 4, 1f)).Number);
        Assert.Equal(511, Assert.Throws<MmkException>(() => g.Launch(kernel, 0, 32, x, x, 4, 1f)).Number);
    }

    [Theory]
    [InlineData("interpreter")]
    [InlineData("cpu")]
    public void StructArgument_ArrivesWithAllItsFields(string device)
    {
        using Accelerator target = Accelerator.Open(device);
        var g = new Graph(target);
        Tensor y = target.Allocate(DType.F64, new Shape(5));
        var weights = new Weights { Count = 200, Inner = new Pair { Left = -7, Right = 1L << 40 }, Half = (Dialect.F16)1.5f, IsOn = true, Scale = 0.1 };
        g.Launch(new KernelRef(typeof(TestKernels), nameof(TestKernels.WeighKernel)), 1, 1, Arg.Of((byte)55), Arg.Of(weights), y);
        using GraphPlan plan = g.Plan();
        plan.Run();
        Assert.Equal([-7, 1L << 40, 0.1, 1.5, 255], target.Read<double>(y));
        Assert.Equal(503, Assert.Throws<MmkException>(() => new Graph(target).Launch(new KernelRef(typeof(TestKernels), nameof(TestKernels.WeighKernel)), 1, 1, Arg.Of((byte)1), Arg.Of(weights.Inner), y)).Number);
    }

    [Fact]
    public void Require_ShowsTheRuleAndTheTensors()
    {
        var g = new Graph(accelerator);
        Tensor x = accelerator.Allocate(DType.F32, new Shape(4), "x");
        string message = Assert.Throws<MmkException>(() => g.Require(x.Shape == new Shape(5), x)).Message;
        Assert.Contains("`x.Shape == new Shape(5)`: x F32 [4]", message);
    }

    [Fact]
    public void UnknownKernel_IsAnError()
    {
        var kernel = new KernelRef(typeof(TestKernels), "NoSuchKernel");
        Assert.Equal(502, Assert.Throws<MmkException>(() => kernel.Resolve()).Number);
        Assert.Equal(502, Assert.Throws<MmkException>(() => new KernelRef(typeof(TestKernels), nameof(TestKernels.ScaleKernel)).Resolve()).Number);
    }

    [Fact]
    public void UnknownDevice_ListsTheKnownOnes()
        => Assert.Contains("cpu, interpreter and cuda:N", Assert.Throws<MmkException>(() => Accelerator.Open("tpu")).Message);

    [Fact]
    public void ReadAndWrite_CheckTheSize()
    {
        Tensor x = accelerator.Allocate(DType.F32, new Shape(4));
        Assert.Equal(507, Assert.Throws<MmkException>(() => accelerator.Write<float>(x, [1, 2, 3])).Number);
        Assert.Equal(507, Assert.Throws<MmkException>(() => accelerator.Read(x, new float[5].AsSpan())).Number);
    }

    [Fact]
    public void ReadOfAPlannedTensor_BeforeThePlan_IsAnError()
        => Assert.Equal(506, Assert.Throws<MmkException>(() => accelerator.Read<float>(new Graph(accelerator).New(DType.F32, 2))).Number);

    [Fact]
    public void Replay_AllocatesNothing()
    {
        using Accelerator cpu = Accelerator.Open("cpu");
        var g = new Graph(cpu);
        g.Keep(g.Scale(g.Scale(cpu.Allocate(DType.F32, new Shape(4096)), 2), 3));
        using GraphPlan plan = g.Plan();
        for (int i = 0; i < 3; i++) plan.Run();
        Assert.Equal(0, Allocations.PerRound(plan.Run));
    }
}
