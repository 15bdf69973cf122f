using System.Diagnostics;

namespace MmKernels.Runtime.Cases;

/// <summary>Runs a case on a device and compares what it wrote with what is expected.</summary>
public static class PtxCaseRunner
{
    /// <summary>Loads the case's module afresh, launches its entry once and compares.</summary>
    /// <exception cref="MmkException">The device refuses the module or the launch, or the kernel faults.</exception>
    public static PtxCaseResult Run(Device device, PtxCase test)
    {
        using DeviceModule module = device.Load(test.Ptx);
        DeviceKernel kernel = module.GetKernel(test.Entry);
        if (kernel.Parameters.Count != test.Parameters.Count)
            throw RuntimeErrors.BadCase(test.Folder, $"{test.Parameters.Count} parameters where the entry has {kernel.Parameters.Count}");
        var block = new byte[kernel.ParameterBytes];
        var buffers = new List<(CaseBuffer Parameter, DeviceBuffer Memory)>();
        try
        {
            for (int i = 0; i < test.Parameters.Count; i++)
            {
                KernelParameter place = kernel.Parameters[i];
                byte[] bytes;
                if (test.Parameters[i] is CaseBuffer parameter)
                {
                    DeviceBuffer memory = device.Allocate(parameter.Bytes);
                    buffers.Add((parameter, memory));
                    if (parameter.Input is { } input) device.Write(memory, 0, input);
                    else device.Fill(memory, 0, parameter.Bytes, 0xA5);
                    bytes = BitConverter.GetBytes(memory.Address);
                }
                else bytes = ((CaseValue)test.Parameters[i]).Bytes;
                if (bytes.Length > place.Bytes && bytes.AsSpan(place.Bytes).ContainsAnyExcept((byte)0))
                    throw RuntimeErrors.BadCase(test.Folder, $"parameter {i} has {bytes.Length} bytes where the entry has {place.Bytes}");
                bytes.AsSpan(0, Math.Min(bytes.Length, place.Bytes)).CopyTo(block.AsSpan(place.Offset));
            }
            long start = Stopwatch.GetTimestamp();
            device.Launch(kernel, test.Grid, test.Block, test.DynamicSharedBytes, block);
            device.Synchronize();
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            return new PtxCaseResult(Compare(device, buffers), elapsed, kernel.ExecutedBy);
        }
        finally
        {
            foreach ((_, DeviceBuffer memory) in buffers) memory.Dispose();
        }
    }

    private static List<string> Compare(Device device, List<(CaseBuffer Parameter, DeviceBuffer Memory)> buffers)
    {
        var differences = new List<string>();
        foreach ((CaseBuffer parameter, DeviceBuffer memory) in buffers)
        {
            var got = new byte[parameter.Bytes];
            device.Read(memory, 0, got);
            string? difference = parameter.Expected is { } expected
                ? CaseComparison.FirstDifference(parameter.Dtype, got, expected, parameter.Tolerance)
                : got.AsSpan().SequenceEqual(parameter.Input) ? null : "the input was changed";
            if (difference is not null) differences.Add($"{parameter.Name}: {difference}");
        }
        return differences;
    }
}

/// <summary>The outcome of a case.</summary>
/// <param name="Differences">One sentence per buffer that is not as expected; empty when the case passes.</param>
/// <param name="Elapsed">Time of the launch.</param>
/// <param name="ExecutedBy">What ran the kernel.</param>
public sealed record PtxCaseResult(IReadOnlyList<string> Differences, TimeSpan Elapsed, string ExecutedBy)
{
    public bool Passed => Differences.Count == 0;
}
