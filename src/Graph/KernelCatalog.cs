using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MmKernels.Compiler;
using MmKernels.Dialect;

namespace MmKernels.Graphs;

/// <summary>The kernels of an assembly, for tools: what there is, and what it compiles to.</summary>
[RequiresUnreferencedCode(KernelCompilation.Reason), RequiresDynamicCode(KernelCompilation.Reason)]
public static class KernelCatalog
{
    /// <summary>Every kernel of an assembly, its type parameters closed with 32-bit floats and the first type that fits each other constraint.</summary>
    public static IReadOnlyList<KernelRef> Of(Assembly assembly)
        => [.. assembly.GetTypes().Where(type => type is { IsAbstract: true, IsSealed: true }).OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(host => host.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(IsKernel).Select(method => new KernelRef(host, method.Name, Close(method))))];

    /// <summary>The kernel of that name, its type parameters closed with <paramref name="types"/> where given.</summary>
    /// <param name="assembly">Where to look.</param>
    /// <param name="name">The class, with or without "Kernel" at its end, or class and method with a dot between them.</param>
    /// <param name="types">Names of types for the type parameters, such as F16; empty takes what <see cref="Of"/> takes.</param>
    /// <exception cref="MmkException">MMK514: no such kernel; MMK515: no such type.</exception>
    public static KernelRef Find(Assembly assembly, string name, IReadOnlyList<string> types)
    {
        IReadOnlyList<KernelRef> all = Of(assembly);
        KernelRef kernel = all.FirstOrDefault(candidate => Matches(candidate, name)) ?? throw GraphErrors.NotInCatalog(name, all.Select(candidate => ShortName(candidate.Host)).Distinct());
        if (types.Count == 0) return kernel;
        return new KernelRef(kernel.Host, kernel.Method, [.. types.Select(type => TypeNamed(assembly, type))]);
    }

    /// <summary>What a kernel compiles to.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="target">For example sm_80.</param>
    /// <param name="lines">Whether the PTX points back to the C# lines.</param>
    /// <exception cref="MmkException">MMK2xx: the kernel cannot be compiled; MMK502: the type arguments do not fit it.</exception>
    public static CompiledText Compile(KernelRef kernel, string target, bool lines)
    {
        var options = new CompileOptions(target, LineInfo: lines);
        CompiledKernel compiled = new KernelCompiler().Compile(kernel.Resolve(), options);
        return new CompiledText(compiled.Name, compiled.Ptx, compiled.Statistics.Instructions, compiled.SharedBytes, compiled.Statistics.Milliseconds);
    }

    /// <summary>A kernel's intermediate form after all passes.</summary>
    /// <exception cref="MmkException">As <see cref="Compile"/>.</exception>
    public static string IntermediateForm(KernelRef kernel, string target) => new KernelCompiler().Dump(kernel.Resolve(), new CompileOptions(target));

    /// <summary>A class's name without "Kernel" at its end.</summary>
    public static string ShortName(Type host) => host.Name.EndsWith("Kernel", StringComparison.Ordinal) ? host.Name[..^"Kernel".Length] : host.Name;

    private static bool Matches(KernelRef kernel, string name)
        => string.Equals(ShortName(kernel.Host), name, StringComparison.OrdinalIgnoreCase) || string.Equals(kernel.Host.Name, name, StringComparison.OrdinalIgnoreCase)
           || string.Equals($"{kernel.Host.Name}.{kernel.Method}", name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A kernel returns nothing and writes to a view.</summary>
    private static bool IsKernel(MethodInfo method)
        => method.ReturnType == typeof(void) && method.GetParameters().Any(parameter => parameter.ParameterType is { IsGenericType: true } type
            && (type.GetGenericTypeDefinition() == typeof(Out<>) || type.GetGenericTypeDefinition() == typeof(InOut<>)))
           && method.GetParameters().All(parameter => !parameter.ParameterType.IsByRef);

    private static Type[] Close(MethodInfo method) => Array.ConvertAll(method.GetGenericArguments(), parameter => FirstFit(method.Module.Assembly, parameter));

    private static Type FirstFit(Assembly assembly, Type parameter)
    {
        Type? rule = Array.Find(parameter.GetGenericParameterConstraints(), constraint => constraint.IsInterface);
        if (rule is null) return typeof(float);
        if (rule.IsGenericType) return rule.GetGenericTypeDefinition() == typeof(IElement<>) ? typeof(F32) : typeof(float);
        return assembly.GetTypes().Where(type => type.IsValueType && rule.IsAssignableFrom(type)).OrderBy(type => type.Name, StringComparer.Ordinal).First();
    }

    private static Type TypeNamed(Assembly assembly, string name)
        => new[] { typeof(F32), typeof(F16), typeof(BF16), typeof(float), typeof(int) }.Concat(assembly.GetTypes().Where(type => type.IsValueType))
            .FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.OrdinalIgnoreCase)) ?? throw GraphErrors.NoSuchType(name);
}

/// <summary>A compiled kernel, for reading.</summary>
/// <param name="Name">Name of the entry.</param>
/// <param name="Ptx">The module's text.</param>
/// <param name="Instructions">Instructions in it.</param>
/// <param name="SharedBytes">Shared memory that it declares.</param>
/// <param name="Milliseconds">Time that compiling took.</param>
public sealed record CompiledText(string Name, string Ptx, int Instructions, int SharedBytes, double Milliseconds);
