using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MmKernels.Compiler;
using MmKernels.Dialect;
using MmKernels.Runtime.Cpu.AheadOfTime;

namespace MmKernels.Graphs;

/// <summary>Compiles kernels to PTX and to CPU code and writes both into an assembly, for programs that cannot compile; see <see cref="KernelPack"/>.</summary>
/// <param name="targets">GPU targets, for example sm_80 and sm_90. The CPU device's target is always among them.</param>
/// <param name="lanes">Widths of vectors that CPU code is written for: 16 for AVX-512, 8 for AVX2, 4 for any processor.</param>
[RequiresUnreferencedCode(KernelCompilation.Reason), RequiresDynamicCode(KernelCompilation.Reason)]
public sealed class KernelPackBuilder(IReadOnlyList<string> targets, IReadOnlyList<int> lanes)
{
    private readonly CpuCodeBuilder code = new();
    private readonly Dictionary<string, PackedKernel> kernels = [];
    private readonly HashSet<Assembly> assemblies = [typeof(In<>).Assembly];
    private readonly List<string> interpreted = [];

    /// <summary>Kernels so far, each counted once per group size and target.</summary>
    public int Count => kernels.Count;

    /// <summary>Kernels that the CPU device interprets, with the reason.</summary>
    public IReadOnlyList<string> Interpreted => interpreted;

    /// <summary>Compiles a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="group">Size of the groups that it is launched with.</param>
    /// <exception cref="MmkException">MMK2xx: it cannot be compiled; MMK502: the type arguments do not fit it; MMK533, MMK536: a parameter of a type that packs cannot describe, or static fields.</exception>
    public void Add(KernelRef kernel, Dim3 group)
    {
        MethodInfo method = kernel.Resolve();
        KernelParameterRule[] parameters = KernelSignature.Of(method);
        foreach (KernelParameterRule parameter in parameters)
            if (!PackedKernel.ParameterTypes.TryGetValue(parameter.Type.Name, out Type? type) || type != parameter.Type) throw GraphErrors.UnpackableParameter(kernel, parameter.Name, parameter.Type);
        foreach (string target in targets.Append(KernelCache.CpuTarget).Distinct())
        {
            string key = PackedKernel.KeyOf(kernel, group, target);
            if (kernels.ContainsKey(key)) continue;
            CompiledKernel compiled = new KernelCompiler().Compile(method, KernelCache.Options(target, group));
            if (compiled.HoldsStaticFields) throw GraphErrors.UnpackableFields(kernel);
            kernels.Add(key, new PackedKernel(key, compiled.Name, parameters, compiled.Ptx));
            if (target != KernelCache.CpuTarget) continue;
            foreach (int width in lanes)
                foreach (string refusal in code.Add(compiled.Ptx, width)) interpreted.Add(refusal);
        }
        assemblies.Add(method.Module.Assembly);
        foreach (Type argument in kernel.TypeArguments) assemblies.Add(argument.Assembly);
    }

    /// <summary>Writes the assembly; nothing can be added afterwards.</summary>
    /// <param name="path">The file; its name has to be MmKernels.Pack.dll where a program references it.</param>
    /// <exception cref="MmkException">MMK534: the file cannot be written.</exception>
    public void Save(string path)
    {
        PackStamp[] stamps = [.. assemblies.SelectMany(KernelBuilds.Of).Where(IsOutsideTheFramework)
            .Select(assembly => new PackStamp(assembly.GetName().Name!, assembly.ManifestModule.ModuleVersionId)).Distinct().OrderBy(stamp => stamp.Assembly, StringComparer.Ordinal)];
        var content = new PackContent(typeof(KernelCompiler).Assembly.ManifestModule.ModuleVersionId, stamps, [.. kernels.Values]);
        try { code.Save(path, new Dictionary<string, byte[]> { [KernelPack.ResourceName] = content.ToBytes() }); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw GraphErrors.UnwritablePack(path, e); }
    }

    /// <summary>Kernels for <c>float</c> and the like have type arguments of the framework.</summary>
    private static bool IsOutsideTheFramework(Assembly assembly) => assembly != typeof(object).Assembly;
}
