using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu.AheadOfTime;

/// <summary>Kernels' CPU code from an assembly that <see cref="CpuCodeBuilder"/> saved: what <see cref="CpuDevice"/> takes before it makes code itself.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class CpuCode
{
    /// <summary>Name of the assemblies.</summary>
    public const string AssemblyName = "MmKernels.Pack";

    /// <summary>Full name of the class in them that hands out code.</summary>
    public const string TypeName = $"{AssemblyName}.{ClassName}";

    internal const string ClassName = "CpuCode", MethodName = "Regions", ResourceName = "MmKernels.Pack.cpu";

    private readonly Dictionary<CpuCodeKey, List<int>> byKey = [];
    private readonly List<CpuCodeEntry> entries;
    private readonly Func<int, Delegate[]> regions;
    private int used;

    private CpuCode(List<CpuCodeEntry> entries, Func<int, Delegate[]> regions)
    {
        (this.entries, this.regions) = (entries, regions);
        for (int i = 0; i < entries.Count; i++)
        {
            if (!byKey.TryGetValue(entries[i].Key, out List<int>? known)) byKey.Add(entries[i].Key, known = []);
            known.Add(i);
        }
    }

    /// <summary>Opens the code of an assembly.</summary>
    /// <param name="code">The assembly's class <see cref="TypeName"/>.</param>
    /// <exception cref="MmkException">MMK331: the assembly is damaged, or none of ours; MMK332: another build of this library made it.</exception>
    public static CpuCode Open([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type code)
    {
        string pack = code.Assembly.GetName().Name ?? code.Name;
        using Stream? table = code.Assembly.GetManifestResourceStream(ResourceName);
        if (table is null || code.GetMethod(MethodName, [typeof(int)]) is not { } method || method.ReturnType != typeof(Delegate[]))
            throw RuntimeErrors.DamagedPack(pack, "it holds no CPU code");
        var bytes = new byte[table.Length];
        table.ReadExactly(bytes);
        return new CpuCode(CpuCodeIndex.Read(pack, bytes), method.CreateDelegate<Func<int, Delegate[]>>());
    }

    /// <summary>Kernels, each counted once per launch form and width.</summary>
    public int Count => entries.Count;

    /// <summary>How often a device has taken a kernel's code.</summary>
    public int Used => used;

    /// <summary>The code that runs on a processor with these instructions, the best where there are several; null where there is none.</summary>
    internal unsafe CompiledKernel? Find(CpuCodeKey key, VectorInstructions processor, Func<Program> handlers)
    {
        int best = -1;
        foreach (int i in byKey.GetValueOrDefault(key) ?? [])
            if (entries[i].Instructions <= processor && (best < 0 || entries[i].Instructions > entries[best].Instructions)) best = i;
        if (best < 0) return null;
        var code = (RegionCode[])regions(best);
        foreach (RegionCode region in code) region(null, 0);
        Interlocked.Increment(ref used);
        return new CompiledKernel(code, entries[best].Facts, entries[best].Facts.UsesHandlers ? handlers() : null) { AheadOfTime = true };
    }
}
