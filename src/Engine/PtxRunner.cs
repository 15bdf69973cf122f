using MmKernels.Graphs;

namespace MmKernels.Engine;

/// <summary>Runs recorded PTX kernels and compares their outputs.</summary>
public static class PtxRunner
{
    /// <summary>Runs a case folder, or every case directly below a folder; a row as soon as a case is done.</summary>
    /// <param name="folder">A folder with <c>kernel.ptx</c>, <c>case.json</c> and <c>data.safetensors</c>, or a folder of such folders.</param>
    /// <param name="device"><c>cpu</c>, <c>interpreter</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">Worker threads of the CPU device; 0 takes one per core.</param>
    /// <param name="sanitize">Runs on the interpreter with its sanitizer instead.</param>
    /// <exception cref="MmkException">No case there, a malformed case, or a device that cannot be opened.</exception>
    public static IEnumerable<PtxRow> Run(string folder, string device, int threads, bool sanitize)
    {
        foreach (string found in PtxCases.Find(folder))
        {
            PtxCaseOutcome outcome = PtxCases.Run(found, device, threads, sanitize);
            yield return new PtxRow(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(found))), outcome.Passed, outcome.Refused, outcome.Detail, outcome.Elapsed, outcome.ExecutedBy);
        }
    }
}
