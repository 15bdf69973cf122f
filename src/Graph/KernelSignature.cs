using System.Reflection;
using MmKernels.Dialect;

namespace MmKernels.Graphs;

/// <summary>How a kernel uses a parameter; an <see cref="ArrayView{T}"/> does not say who reads and writes it.</summary>
internal enum ParameterUse : byte { Scalar, In, Out, InOut, ArrayView }

/// <summary>A parameter of a kernel.</summary>
/// <param name="Name">Its C# name.</param>
/// <param name="Use">A scalar, or who reads and writes the view.</param>
/// <param name="Type">The scalar's type, or the view's elements'.</param>
internal sealed record KernelParameterRule(string Name, ParameterUse Use, Type Type)
{
    public bool IsView => Use != ParameterUse.Scalar;

    /// <summary>The view must have been written before.</summary>
    public bool Reads => Use is ParameterUse.In or ParameterUse.InOut;

    /// <summary>For example <c>In&lt;F32&gt;</c>.</summary>
    public string TypeName => IsView ? $"{Use}<{Type.Name}>" : Type.Name;
}

/// <summary>What the arguments of a kernel's launches must be.</summary>
internal static class KernelSignature
{
    public static KernelParameterRule[] Of(MethodInfo kernel) => Array.ConvertAll(kernel.GetParameters(), Rule);

    private static KernelParameterRule Rule(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        ParameterUse use = UseOf(type.IsGenericType ? type.GetGenericTypeDefinition() : null);
        return new KernelParameterRule(parameter.Name!, use, use == ParameterUse.Scalar ? type : type.GetGenericArguments()[0]);
    }

    private static ParameterUse UseOf(Type? view)
    {
        if (view == typeof(In<>)) return ParameterUse.In;
        if (view == typeof(Out<>)) return ParameterUse.Out;
        if (view == typeof(InOut<>)) return ParameterUse.InOut;
        return view == typeof(ArrayView<>) ? ParameterUse.ArrayView : ParameterUse.Scalar;
    }
}
