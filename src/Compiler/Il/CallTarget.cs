using System.Reflection;
using MmKernels.Compiler.Build;

namespace MmKernels.Compiler.Il;

/// <summary>A method that a kernel calls.</summary>
/// <param name="Method">The method itself; for a call through a type argument the one that the type has.</param>
/// <param name="Intrinsic">What the compiler makes of it; <see cref="Build.Intrinsic.None"/> for methods that are inlined.</param>
/// <param name="Arguments">Number of arguments, <c>this</c> included.</param>
/// <param name="IsFramework">Part of .NET itself, whose methods are not inlined.</param>
internal sealed record CallTarget(MethodBase Method, Intrinsic Intrinsic, int Arguments, bool IsFramework)
{
    public string Name => $"{Method.DeclaringType?.Name}.{Method.Name}";

    /// <summary>Resolves a method, through the interface of a type argument where the call is constrained.</summary>
    public static CallTarget Of(MethodBase method, Type? constraint)
    {
        if (constraint is not null && method.DeclaringType is { IsInterface: true } contract) method = Implementation(method, contract, constraint);
        int arguments = method.GetParameters().Length + (method.IsStatic ? 0 : 1);
        bool isFramework = Intrinsics.IsFramework(method.Module.Assembly);
        return new CallTarget(method, Intrinsics.Find(method), arguments, isFramework);
    }

    private static MethodBase Implementation(MethodBase method, Type contract, Type type)
    {
        InterfaceMapping map = type.GetInterfaceMap(contract);
        int token = method.MetadataToken;
        for (int i = 0; i < map.InterfaceMethods.Length; i++)
        {
            if (map.InterfaceMethods[i].MetadataToken != token) continue;
            MethodInfo target = map.TargetMethods[i];
            return method is MethodInfo { IsGenericMethod: true } generic ? target.MakeGenericMethod(generic.GetGenericArguments()) : target;
        }
        return method;
    }
}
