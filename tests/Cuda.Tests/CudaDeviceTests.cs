using System.Buffers.Binary;
using MmKernels.Graphs;
using MmKernels.Runtime;
using MmKernels.Runtime.Cuda;

namespace MmKernels.Tests;

/// <summary>Call sequences of the CUDA device against a stand-in for the driver; nothing here runs on a GPU.</summary>
public class CudaDeviceTests
{
    private const string Ptx = """
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry NAME(
            .param .u64 x,
            .param .u32 n,
            .param .f64 scale
        )
        {
            ret;
        }
        """;

    [SkippableFact]
    public void Open_ReportsTheGpu_AndUsesThePrimaryContextAndANonBlockingStream()
    {
        FakeDriver driver = FakeDriver.Get();
        using var device = new CudaDevice(0);
        Assert.Equal("cuda:0", device.Name);
        Assert.Equal("Fake H200, sm_90, CUDA 12.4", device.Description);
        Assert.Equal(new DeviceCapabilities(90, 132, 232448, false, true), device.Capabilities);
        Assert.Equal(["retain", "stream 1", "pool attribute 4 1"], driver.Log.SkipWhile(line => line.StartsWith("init", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public void Open_OfAGpuThatIsNotThere_SaysHowManyThereAre()
    {
        FakeDriver.Get();
        Assert.Contains("cuda:3: the driver sees 1 GPU", Assert.Throws<MmkException>(() => new CudaDevice(3)).Message);
    }

    [SkippableFact]
    public void Buffers_CopyThereAndBack_AndCheckTheirBounds()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        using DeviceBuffer a = device.Allocate(16), b = device.Allocate(16);
        byte[] bytes = [1, 2, 3, 4];
        device.Fill(a, 0, 16, 9);
        device.Write(a, 4, bytes);
        device.Copy(a, 2, b, 0, 8);
        var result = new byte[8];
        device.Read(b, 0, result);
        Assert.Equal([9, 9, 1, 2, 3, 4, 9, 9], result);
        Assert.Equal(390, Assert.Throws<MmkException>(() => device.Write(a, 13, bytes)).Number);
        Assert.Equal(390, Assert.Throws<MmkException>(() => device.Read(a, -1, result)).Number);
    }

    [SkippableFact]
    public void FreedBuffer_IsAnError()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        DeviceBuffer buffer = device.Allocate(16);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Equal(389, Assert.Throws<MmkException>(() => buffer.Address).Number);
    }

    [SkippableFact]
    public void OutOfMemory_NamesWhatWasAskedForAndWhatIsFree()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        string message = Assert.Throws<MmkException>(() => device.Allocate(1L << 30)).Message;
        Assert.Contains("1073741824", message);
        Assert.Contains("1048576 of 2097152", message);
    }

    [SkippableFact]
    public void Launch_PassesTheParameterBlockGridAndSharedMemory()
    {
        FakeDriver driver = FakeDriver.Get();
        using var device = new CudaDevice(0);
        using DeviceModule module = device.Load(Ptx.Replace("NAME", "scale"));
        DeviceKernel kernel = module.GetKernel("scale");
        Assert.Equal([("x", 0, 8), ("n", 8, 4), ("scale", 16, 8)], kernel.Parameters.Select(p => (p.Name, p.Offset, p.Bytes)));
        Assert.Equal((24, 128), (kernel.ParameterBytes, kernel.StaticSharedBytes));
        var block = new byte[24];
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(8), 77);
        driver.Clear();
        device.Launch(kernel, new Dim3(3, 2), new Dim3(64, 2), 100_000, block);
        device.Launch(kernel, 1, 32, 60_000, block);
        Assert.Equal(["attribute scale 8 100000", "launch scale 3x2x1 64x2x1 100000", "launch scale 1x1x1 32x1x1 60000"], driver.Log);
        Assert.Equal(block, driver.Parameters);
    }

    [SkippableFact]
    public void Launch_WithWrongParametersOrTooMuchSharedMemory_IsAnErrorBeforeTheDriverIsCalled()
    {
        FakeDriver driver = FakeDriver.Get();
        using var device = new CudaDevice(0);
        using DeviceModule module = device.Load(Ptx.Replace("NAME", "scale"));
        DeviceKernel kernel = module.GetKernel("scale");
        driver.Clear();
        Assert.Equal(387, Assert.Throws<MmkException>(() => device.Launch(kernel, 1, 32, 0, new byte[20])).Number);
        Assert.Equal(388, Assert.Throws<MmkException>(() => device.Launch(kernel, 1, 32, 232_448, new byte[24])).Number);
        Assert.Empty(driver.Log);
    }

    [SkippableFact]
    public void RejectedPtx_ShowsTheAssemblersLog()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        Assert.Contains("ptxas error: line 7; rejected", Assert.Throws<MmkException>(() => device.Load(Ptx.Replace("NAME", "reject_me"))).Message);
    }

    [SkippableFact]
    public void MissingEntry_ListsTheEntriesThatThereAre()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        using DeviceModule module = device.Load(Ptx.Replace("NAME", "scale"));
        Assert.Contains("no entry `shift`; it has scale", Assert.Throws<MmkException>(() => module.GetKernel("shift")).Message);
    }

    [SkippableFact]
    public void Capture_RecordsLaunchesOnce_AndReplaysThemTogether()
    {
        FakeDriver driver = FakeDriver.Get();
        using var device = new CudaDevice(0);
        using DeviceModule module = device.Load(Ptx.Replace("NAME", "scale"));
        DeviceKernel kernel = module.GetKernel("scale");
        driver.Clear();
        DeviceGraph graph = device.Capture(() => device.Launch(kernel, 2, 32, 0, new byte[24]))!;
        graph.Launch();
        graph.Launch();
        graph.Dispose();
        graph.Dispose();
        Assert.Equal(["capture", "launch scale 2x1x1 32x1x1 0", "captured", "instantiate", "graph destroyed", "graph", "graph", "exec destroyed"], driver.Log);
        Assert.Equal(389, Assert.Throws<MmkException>(graph.Launch).Number);
    }

    [SkippableFact]
    public void Capture_OfAFailingLaunch_LeavesTheStreamUsable()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        using DeviceModule module = device.Load(Ptx.Replace("NAME", "scale"));
        DeviceKernel kernel = module.GetKernel("scale");
        Assert.Equal(387, Assert.Throws<MmkException>(() => device.Capture(() => device.Launch(kernel, 2, 32, 0, new byte[3]))).Number);
        using DeviceGraph graph = device.Capture(() => device.Launch(kernel, 2, 32, 0, new byte[24]))!;
        graph.Launch();
    }

    [SkippableFact]
    public void PlannedGraph_RunsOncePlainly_ThenIsCapturedAndReplayed()
    {
        FakeDriver driver = FakeDriver.Get();
        using Accelerator accelerator = Accelerator.Open("cuda:0");
        var g = new Graph(accelerator);
        g.Keep(g.Scale(g.Scale(accelerator.Allocate(DType.F32, new Shape(64)), 2), 3));
        using GraphPlan plan = g.Plan();
        driver.Clear();
        for (int run = 0; run < 4; run++) plan.Run();
        Assert.Equal(["launch", "launch", "capture", "launch", "launch", "captured", "instantiate", "graph", "graph", "graph", "graph"],
            driver.Log.Select(line => line.Split(' ')[0]));
    }

    [SkippableFact]
    public void Time_IsWhatTheDevicesEventsSay()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        Assert.Equal(2.5, device.Time(() => { }));
    }

    [SkippableFact]
    public void Fault_NamesTheKernelThatWasLaunchedLast()
    {
        FakeDriver.Get();
        using var device = new CudaDevice(0);
        using DeviceModule module = device.Load(Ptx.Replace("NAME", "fault"));
        device.Launch(module.GetKernel("fault"), 1, 32, 0, new byte[24]);
        string message = Assert.Throws<MmkException>(device.Synchronize).Message;
        Assert.Contains("CUDA_ERROR_ILLEGAL_ADDRESS (700", message);
        Assert.Contains("whose last launch was fault", message);
    }

    [SkippableFact]
    public void Dispose_ReleasesStreamAndContext_AndLaterUseIsAnError()
    {
        FakeDriver driver = FakeDriver.Get();
        var device = new CudaDevice(0);
        driver.Clear();
        device.Dispose();
        device.Dispose();
        Assert.Equal(["sync", "trim 0", "stream destroyed", "release"], driver.Log);
        Assert.Equal(389, Assert.Throws<MmkException>(() => device.Allocate(1)).Number);
    }
}
