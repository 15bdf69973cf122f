namespace MmKernels.Compiler;

/// <summary>The PTX of one kernel and what a launch must know about it.</summary>
public sealed class CompiledKernel
{
    /// <summary>Name of the entry: the method and its type arguments, unique among kernels, for example <c>RmsNormKernel_RmsNorm_F32</c>.</summary>
    public required string Name { get; init; }

    /// <summary>A PTX module with this one entry.</summary>
    public required string Ptx { get; init; }

    /// <summary>The C# parameters in order.</summary>
    public required IReadOnlyList<CompiledParameter> Parameters { get; init; }

    /// <summary>Bytes of shared memory that the kernel declares itself.</summary>
    public required int SharedBytes { get; init; }

    /// <summary>Whether the code holds values that static readonly fields have in this process; another process may have others.</summary>
    public required bool HoldsStaticFields { get; init; }

    public required CompileStatistics Statistics { get; init; }
}

/// <summary>What compiling a kernel took and made.</summary>
/// <param name="IlSteps">IL instructions interpreted; an unrolled one counts every time.</param>
/// <param name="Blocks">Basic blocks in the PTX.</param>
/// <param name="Instructions">PTX instructions.</param>
/// <param name="Milliseconds">Time of the whole compilation.</param>
public sealed record CompileStatistics(int IlSteps, int Blocks, int Instructions, double Milliseconds);

/// <summary>How a C# parameter appears in the PTX entry.</summary>
public enum ParameterKind
{
    /// <summary>Two PTX parameters: <c>name</c> (.u64, address) and <c>name_length</c> (.u64, elements).</summary>
    View,

    /// <summary>One PTX parameter of <see cref="CompiledParameter.Bytes"/> bytes.</summary>
    Scalar,

    /// <summary>One PTX parameter, an array of <see cref="CompiledParameter.Bytes"/> bytes with the layout that .NET gives the struct.</summary>
    Struct,
}

/// <summary>Who reads and writes a view.</summary>
public enum ParameterDirection { None, In, Out, InOut }

/// <summary>A parameter of the C# method.</summary>
/// <param name="Name">Its C# name.</param>
/// <param name="Kind">View, scalar or struct.</param>
/// <param name="Direction">In, Out or InOut by the C# type; an ArrayView is InOut, a scalar None.</param>
/// <param name="Type">Element type of a view, type of a scalar or struct.</param>
/// <param name="Bytes">Bytes of an element, of the scalar or of the struct.</param>
public sealed record CompiledParameter(string Name, ParameterKind Kind, ParameterDirection Direction, Type Type, int Bytes);
