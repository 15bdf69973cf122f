using MmKernels.Runtime;
using MmKernels.Runtime.Cases;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Graphs;

/// <summary>Runs folders with a PTX kernel, its inputs and its expected outputs: <c>kernel.ptx</c>, <c>case.json</c>, <c>data.safetensors</c>.</summary>
public static class PtxCases
{
    /// <summary>The folder itself where it is a case, else the cases directly below it, by name.</summary>
    /// <exception cref="MmkException">MMK515: neither.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        if (File.Exists(Path.Combine(folder, "case.json"))) return [folder];
        string[] below = Directory.Exists(folder) ? [.. Directory.GetDirectories(folder).Where(f => File.Exists(Path.Combine(f, "case.json"))).Order(StringComparer.Ordinal)] : [];
        return below.Length > 0 ? below : throw GraphErrors.NoCase(folder);
    }

    /// <summary>Runs one case on a device that is opened for it.</summary>
    /// <param name="folder">The case.</param>
    /// <param name="device"><c>cpu</c>, <c>interpreter</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">Worker threads of the CPU device; 0 takes one per core.</param>
    /// <param name="sanitize">Runs on the interpreter with its sanitizer instead.</param>
    /// <exception cref="MmkException">The device cannot be opened, or the folder is malformed.</exception>
    public static PtxCaseOutcome Run(string folder, string device, int threads = 0, bool sanitize = false)
    {
        PtxCase test = PtxCase.Read(folder);
        using Device opened = sanitize ? new InterpreterDevice(new InterpreterOptions(Sanitize: true)) : Devices.Open(device, threads, KernelPack.InUse);
        try
        {
            PtxCaseResult result = PtxCaseRunner.Run(opened, test);
            return new PtxCaseOutcome(result.Passed, false, string.Join("; ", result.Differences), result.Elapsed, result.ExecutedBy);
        }
        catch (MmkException e)
        {
            return new PtxCaseOutcome(false, test.Optional, e.Message, TimeSpan.Zero, opened.Name);
        }
    }
}
