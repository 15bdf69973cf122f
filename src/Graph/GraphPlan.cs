using MmKernels.Runtime;

namespace MmKernels.Graphs;

/// <summary>
/// A graph that runs: kernels compiled, intermediate tensors placed in one arena, parameter blocks filled in. <see cref="Run"/> replays the launches
/// in the order of recording and allocates nothing.
/// </summary>
public sealed class GraphPlan : IDisposable
{
    private readonly Accelerator accelerator;
    private readonly DeviceBuffer? arena;
    private readonly TensorScope constants;
    private readonly Step[] steps;
    private readonly Action issue;
    private DeviceGraph? captured;
    private int runs;

    internal GraphPlan(Graph graph)
    {
        accelerator = graph.Accelerator;
        constants = graph.Constants;
        ArenaBytes = MemoryPlan.Place(graph.Memories);
        if (ArenaBytes > 0) arena = accelerator.Own(accelerator.Device.Allocate(ArenaBytes));
        foreach (TensorMemory memory in graph.Memories)
            if (memory.FirstUse >= 0) memory.Buffer = arena;
        steps = graph.Launches.Select(Prepare).ToArray();
        issue = Issue;
    }

    /// <summary>Bytes of all intermediate tensors at the peak.</summary>
    public long ArenaBytes { get; }

    /// <summary>Number of launches.</summary>
    public int Launches => steps.Length;

    /// <summary>
    /// Issues every launch. Results are complete after <see cref="Accelerator.Synchronize"/> or a read.
    /// Where the accelerator is traced they are issued one by one, as by <see cref="RunTraced"/>. The second run captures the launches where the device can (the first has loaded every kernel); later ones replay the capture.
    /// </summary>
    public void Run()
    {
        if (accelerator.Traced is { } traced)
        {
            foreach (LaunchTrace launch in RunTraced()) traced(launch);
            return;
        }
        if (captured is null && ++runs == 2) captured = accelerator.Device.Capture(issue);
        if (captured is null) Issue();
        else captured.Launch();
    }

    /// <summary>Runs launch by launch, waiting for each, and says what each took.</summary>
    public IReadOnlyList<LaunchTrace> RunTraced()
    {
        Device device = accelerator.Device;
        var trace = new List<LaunchTrace>(steps.Length);
        foreach (Step step in steps)
        {
            double milliseconds = device.Time(() => device.Launch(step.Kernel, step.Node.Grid, step.Node.Group, 0, step.Parameters));
            trace.Add(new LaunchTrace(step.Node.Kernel.ToString(), Output(step.Node), milliseconds, step.Node.Operations, step.Node.Bytes ?? Bytes(step.Node)));
        }
        return trace;
    }

    public void Dispose()
    {
        captured?.Dispose();
        if (arena is not null) accelerator.Release(arena);
        constants.Dispose();
    }

    private void Issue()
    {
        Device device = accelerator.Device;
        foreach (Step step in steps) device.Launch(step.Kernel, step.Node.Grid, step.Node.Group, 0, step.Parameters);
    }

    private static Step Prepare(LaunchNode node)
    {
        DeviceKernel kernel = node.Loaded.GetAwaiter().GetResult().Kernel;
        var parameters = new byte[kernel.ParameterBytes];
        int next = 0;
        foreach (Arg argument in node.Arguments)
        {
            if (argument.Tensor is Tensor tensor)
            {
                Put(node, kernel, parameters, ref next, tensor.Address);
                Put(node, kernel, parameters, ref next, (ulong)tensor.Shape.Elements);
            }
            else if (argument.Bytes is { } bytes) bytes.CopyTo(Next(node, kernel, parameters, ref next, bytes.Length));
            else Put(node, kernel, parameters, ref next, argument.Bits);
        }
        if (next != kernel.Parameters.Count)
            throw GraphErrors.WrongArguments(node.Kernel, $"its PTX has {kernel.Parameters.Count} parameters, the launch fills {next}");
        return new Step(node, kernel, parameters);
    }

    private static void Put(LaunchNode node, DeviceKernel kernel, byte[] block, ref int next, ulong bits)
    {
        Span<byte> place = Next(node, kernel, block, ref next, null);
        for (int i = 0; i < place.Length; i++) place[i] = (byte)(bits >> (8 * i));
    }

    /// <summary>The place of the next parameter, which has so many bytes where that is said.</summary>
    private static Span<byte> Next(LaunchNode node, DeviceKernel kernel, byte[] block, ref int next, int? bytes)
    {
        if (next >= kernel.Parameters.Count)
            throw GraphErrors.WrongArguments(node.Kernel, $"its PTX has only {kernel.Parameters.Count} parameters");
        KernelParameter parameter = kernel.Parameters[next++];
        if (bytes is { } size && size != parameter.Bytes)
            throw GraphErrors.WrongArguments(node.Kernel, $"the parameter {next} of its PTX has {parameter.Bytes} bytes, the argument {size}");
        return block.AsSpan(parameter.Offset, parameter.Bytes);
    }

    private static string Output(LaunchNode node)
    {
        Tensor? output = node.Parameters.Zip(node.Arguments).FirstOrDefault(pair => pair.Second.Tensor is not null && pair.First.Use != ParameterUse.In).Second.Tensor;
        return output is null ? "" : output.Name is null && output.Memory.Stage is { } stage ? $"{stage} {output}" : output.ToString();
    }

    private static double Bytes(LaunchNode node)
    {
        double bytes = 0;
        foreach (Arg argument in node.Arguments) bytes += argument.Tensor?.Bytes ?? 0;
        return bytes;
    }

    private sealed record Step(LaunchNode Node, DeviceKernel Kernel, byte[] Parameters);
}
