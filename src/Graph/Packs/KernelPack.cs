using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;
using MmKernels.Compiler;
using MmKernels.Runtime.Cpu.AheadOfTime;

namespace MmKernels.Graphs;

/// <summary>
/// Kernels that were compiled ahead of time by <see cref="KernelPackBuilder"/> (the command <c>mmk pack</c>): PTX for GPUs, machine-independent code for the CPU,
/// in one assembly that is published with the program. Every <see cref="Accelerator"/> opened after <see cref="Use"/> takes kernels from it before it compiles any.
/// </summary>
/// <remarks>
/// A pack is refused unless the program's builds (module version ids) of the kernels' assemblies, of what they reference and of the CPU device are those
/// it was made from; where the program could compile kernels itself, the compiler's too.
/// </remarks>
public sealed class KernelPack
{
    internal const string ResourceName = "MmKernels.Pack.ptx";

    private static volatile KernelPack[] inUse = [];
    private static readonly Lock Adding = new();

    private readonly Dictionary<string, PackedKernel> byKey = [];
    private readonly Dictionary<string, PackedKernel> byIdentity = [];
    private int used;

    private KernelPack(PackContent content, CpuCode code)
    {
        Code = code;
        foreach (PackedKernel kernel in content.Kernels)
        {
            byKey[kernel.Key] = kernel;
            byIdentity[PackedKernel.IdentityOf(kernel.Key)] = kernel;
        }
    }

    /// <summary>Kernels in the pack, each counted once per group size and target.</summary>
    public int Count => byKey.Count;

    /// <summary>How often a kernel was taken from it.</summary>
    public int Used => used;

    internal CpuCode Code { get; }

    internal static IReadOnlyList<KernelPack> InUse => inUse;

    /// <summary>Makes the accelerators that are opened from now on take kernels from a pack.</summary>
    /// <param name="code">The pack's class: <c>Type.GetType("MmKernels.Pack.CpuCode, MmKernels.Pack")</c>, which NativeAOT's compiler understands.</param>
    /// <returns>The pack.</returns>
    /// <exception cref="MmkException">MMK531, MMK331: damaged, or no pack; MMK532, MMK332: made from other builds.</exception>
    public static KernelPack Use([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type code)
    {
        KernelPack pack = Open(code);
        lock (Adding) inUse = [.. inUse, pack];
        return pack;
    }

    /// <summary>Opens a pack's file, for one accelerator.</summary>
    /// <exception cref="MmkException">As <see cref="Use"/>.</exception>
    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    internal static KernelPack Open(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Open(new AssemblyLoadContext(null).LoadFromStream(file).GetType(CpuCode.TypeName) ?? throw GraphErrors.DamagedPack(path, $"it has no class {CpuCode.TypeName}"));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            throw GraphErrors.DamagedPack(path, e.Message);
        }
    }

    /// <summary>The kernel for groups of this size on this target; null where the pack lacks it.</summary>
    internal PackedKernel? Find(KernelRef kernel, Dim3 group, string target)
    {
        PackedKernel? found = byKey.GetValueOrDefault(PackedKernel.KeyOf(kernel, group, target));
        if (found is not null) Interlocked.Increment(ref used);
        return found;
    }

    /// <summary>A kernel's parameters; null where the pack lacks the kernel.</summary>
    internal KernelParameterRule[]? Parameters(KernelRef kernel) => byIdentity.GetValueOrDefault(PackedKernel.Identity(kernel))?.Parameters;

    private static KernelPack Open([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type code)
    {
        string name = code.Assembly.GetName().Name ?? code.Name;
        using Stream? table = code.Assembly.GetManifestResourceStream(ResourceName);
        if (table is null) throw GraphErrors.DamagedPack(name, "it holds no kernels");
        var bytes = new byte[table.Length];
        table.ReadExactly(bytes);
        PackContent content = PackContent.Read(name, bytes);
        foreach (PackStamp stamp in content.Stamps) Check(name, stamp);
        if (KernelCompilation.IsSupported) Check(name, new PackStamp(typeof(KernelCompiler).Assembly.GetName().Name!, content.Compiler), typeof(KernelCompiler).Assembly);
        return new KernelPack(content, CpuCode.Open(code));
    }

    private static void Check(string pack, PackStamp stamp)
    {
        Assembly? assembly = null;
        try { assembly = Assembly.Load(new AssemblyName(stamp.Assembly)); }
        catch (Exception e) when (e is IOException or BadImageFormatException) { }
        Check(pack, stamp, assembly);
    }

    private static void Check(string pack, PackStamp stamp, Assembly? assembly)
    {
        Guid? build = assembly?.ManifestModule.ModuleVersionId;
        if (build != stamp.Build) throw GraphErrors.StalePack(pack, stamp.Assembly, stamp.Build, build);
    }
}
