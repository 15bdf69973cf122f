using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MmKernels.Dialect;

namespace MmKernels.Graphs;

/// <summary>A kernel as a value: the class it lives in, its method, and the types that close its type parameters.</summary>
/// <remarks>
/// <code>new KernelRef(typeof(RmsNormKernel), nameof(RmsNormKernel.Kernel), KernelRef.Element(x.DType))</code>
/// </remarks>
public sealed class KernelRef : IEquatable<KernelRef>
{
    private static readonly ConcurrentDictionary<KernelRef, MethodInfo> Methods = new();

    private readonly Type[] typeArguments;

    public KernelRef(Type host, string method, params ReadOnlySpan<Type> typeArguments)
    {
        Host = host;
        Method = method;
        this.typeArguments = typeArguments.ToArray();
    }

    /// <summary>The class that holds the kernel.</summary>
    public Type Host { get; }

    /// <summary>The name of the static method.</summary>
    public string Method { get; }

    public ReadOnlySpan<Type> TypeArguments => typeArguments;

    /// <summary>The storage struct of an element type, as a kernel's type argument.</summary>
    /// <exception cref="MmkException">MMK501: kernels cannot compute in this type.</exception>
    public static Type Element(DType type) => type switch
    {
        DType.F32 => typeof(F32),
        DType.F16 => typeof(F16),
        DType.BF16 => typeof(BF16),
        _ => throw GraphErrors.NoElement(type),
    };

    /// <summary>The closed method.</summary>
    /// <exception cref="MmkException">MMK502: the class has no such method, or the type arguments do not fit it.</exception>
    [RequiresUnreferencedCode(KernelCompilation.Reason), RequiresDynamicCode(KernelCompilation.Reason)]
    public MethodInfo Resolve() => Methods.GetOrAdd(this, static kernel => kernel.Find());

    public bool Equals(KernelRef? other)
        => other is not null && Host == other.Host && Method == other.Method && typeArguments.AsSpan().SequenceEqual(other.typeArguments);

    public override bool Equals(object? obj) => Equals(obj as KernelRef);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Host);
        hash.Add(Method);
        foreach (Type argument in typeArguments) hash.Add(argument);
        return hash.ToHashCode();
    }

    /// <summary>For example <c>RmsNormKernel.Kernel&lt;F32&gt;</c>.</summary>
    public override string ToString()
        => typeArguments.Length == 0 ? $"{Host.Name}.{Method}" : $"{Host.Name}.{Method}<{string.Join(", ", typeArguments.Select(type => type.Name))}>";

    [RequiresUnreferencedCode(KernelCompilation.Reason), RequiresDynamicCode(KernelCompilation.Reason)]
    private MethodInfo Find()
    {
        const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        MethodInfo? method = Host.GetMethod(Method, AnyStatic);
        if (method is null || method.GetGenericArguments().Length != typeArguments.Length) throw GraphErrors.NoKernel(this);
        try { return typeArguments.Length == 0 ? method : method.MakeGenericMethod(typeArguments); }
        catch (ArgumentException e) { throw GraphErrors.NoKernel(this, e); }
    }
}
