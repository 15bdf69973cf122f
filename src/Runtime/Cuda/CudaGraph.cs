namespace MmKernels.Runtime.Cuda;

/// <summary>Captured launches as one CUDA graph.</summary>
internal sealed unsafe class CudaGraph : DeviceGraph
{
    // CUstreamCaptureMode: other threads may go on using the driver.
    private const int ThreadLocal = 1;

    private readonly CudaDevice device;
    private nint executable;

    private CudaGraph(CudaDevice device, nint executable)
    {
        this.device = device;
        this.executable = executable;
    }

    /// <summary>Captures what <paramref name="issue"/> launches on the stream. A failing capture leaves the stream usable.</summary>
    public static CudaGraph Capture(CudaDevice device, nint stream, Action issue)
    {
        CudaDriver driver = device.Driver;
        nint graph = 0, executable;
        driver.Check(driver.StreamBeginCapture(stream, ThreadLocal), $"beginning a capture on {device.Name}");
        try
        {
            issue();
        }
        catch
        {
            driver.StreamEndCapture(stream, &graph);
            if (graph != 0) driver.GraphDestroy(graph);
            throw;
        }
        driver.Check(driver.StreamEndCapture(stream, &graph), $"ending a capture on {device.Name}");
        int result = driver.GraphInstantiate(&executable, graph, 0);
        driver.GraphDestroy(graph);
        driver.Check(result, $"instantiating a graph on {device.Name}");
        return new CudaGraph(device, executable);
    }

    public override void Launch()
    {
        if (executable == 0) throw CudaErrors.Freed("a CUDA graph");
        device.LaunchGraph(executable);
    }

    public override void Dispose()
    {
        if (executable == 0) return;
        device.DestroyGraph(executable);
        executable = 0;
    }
}
