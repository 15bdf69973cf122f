using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace MmKernels.Graphs;

/// <summary>The assemblies that a kernel's code can come from.</summary>
internal static class KernelBuilds
{
    /// <summary>An assembly and what it references outside the framework.</summary>
    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    public static IEnumerable<Assembly> Of(Assembly assembly)
    {
        yield return assembly;
        foreach (AssemblyName name in assembly.GetReferencedAssemblies())
            if (!name.Name!.StartsWith("System", StringComparison.Ordinal) && name.Name != "netstandard") yield return Assembly.Load(name);
    }
}
