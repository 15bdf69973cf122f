using System.Reflection;
using System.Runtime.Loader;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>What a kernel pack holds.</summary>
/// <param name="Listed">Lines of the list.</param>
/// <param name="Kernels">Kernels as PTX, each counted once per target.</param>
/// <param name="Interpreted">Kernels that the CPU device will interpret, with the reason.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record PackReport(int Listed, int Kernels, IReadOnlyList<string> Interpreted, long Bytes);

/// <summary>Compiles kernels ahead of time, for programs that are published with NativeAOT.</summary>
public static class KernelPacker
{
    /// <summary>Writes a pack: an assembly with the PTX and the CPU code of the listed kernels.</summary>
    /// <param name="output">The file; programs reference it under the name MmKernels.Pack.dll.</param>
    /// <param name="list">A text file with a kernel and the size of its groups on each line, for example <c>RmsNormKernel.Kernel&lt;F32, F32&gt; 128</c>.</param>
    /// <param name="assemblies">Files of assemblies with further kernels.</param>
    /// <param name="targets">GPU targets, for example sm_80.</param>
    /// <param name="lanes">Widths of vectors that CPU code is written for: 16, 8, 4.</param>
    /// <exception cref="MmkException">MMK720, MMK721: a file cannot be read; MMK535: a line that names no kernel; MMK2xx: a kernel cannot be compiled; MMK534: the pack cannot be written.</exception>
    public static PackReport Write(string output, string list, IReadOnlyList<string> assemblies, IReadOnlyList<string> targets, IReadOnlyList<int> lanes)
    {
        string text;
        try { text = File.ReadAllText(list); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw EngineErrors.UnreadableList(list, e); }
        IReadOnlyList<ListedKernel> kernels = KernelList.Parse(text, list, [ShippedKernels.Assembly, .. assemblies.Select(Load)]);
        var builder = new KernelPackBuilder(targets, lanes);
        foreach (ListedKernel kernel in kernels) builder.Add(kernel.Kernel, kernel.Group);
        builder.Save(output);
        return new PackReport(kernels.Count, builder.Count, builder.Interpreted, new FileInfo(output).Length);
    }

    private static Assembly Load(string path)
    {
        try { return AssemblyLoadContext.Default.LoadFromAssemblyPath(Path.GetFullPath(path)); }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException) { throw EngineErrors.NoAssembly(path, e); }
    }
}
