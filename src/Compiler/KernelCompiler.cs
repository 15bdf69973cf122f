using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using MmKernels.Compiler.Build;
using MmKernels.Compiler.Emit;
using MmKernels.Compiler.Ir;
using MmKernels.Compiler.Passes;
using MmKernels.Ptx;

namespace MmKernels.Compiler;

/// <summary>Compiles kernels written in C# to PTX: IL → SSA → PTX. One object may be used by several threads at a time.</summary>
[RequiresUnreferencedCode("reads the IL of everything that a kernel calls"), RequiresDynamicCode("closes generic methods over the kernel's type arguments")]
public sealed class KernelCompiler
{
    /// <summary>Compiles a kernel: a static method without open generic parameters that returns void.</summary>
    /// <exception cref="MmkException">MMK2xx: the kernel says something that has no meaning on a GPU; file, line and what to do instead.</exception>
    public CompiledKernel Compile(MethodInfo kernel, CompileOptions options)
    {
        Check(kernel, options);
        return Guarded(kernel, () => Translate(kernel, options));
    }

    /// <summary>What is no error of the kernel is one of its assembly, or of the compiler, and says so.</summary>
    private static T Guarded<T>(MethodInfo kernel, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is TypeLoadException or FileNotFoundException or FileLoadException or BadImageFormatException or MissingMemberException or ArgumentOutOfRangeException { ParamName: "metadataToken" })
        {
            throw Diagnostics.Unreadable(kernel.Name, e);
        }
        catch (Exception e) when (e is NullReferenceException or InvalidCastException or IndexOutOfRangeException or ArgumentException or InvalidOperationException or KeyNotFoundException or NotSupportedException)
        {
            throw Diagnostics.Broken(kernel.Name, "translation", $"{e.GetType().Name}, {e.Message}", e);
        }
    }

    /// <summary>Compiles a static method without looking at its signature.</summary>
    internal static CompiledKernel Translate(MethodInfo kernel, CompileOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        string name = EntryName(kernel);
        KernelBuilder built = KernelBuilder.Build(kernel, name, options, out Function function, out IReadOnlyList<CompiledParameter> parameters);
        Optimise(function, built.VariableTypes, options);
        if (Divergence.Find(function, options) is { } missed) throw built.MissedBySome(missed);
        PtxFunction entry = Emit(function, options, built, out string ptx);
        long shared = 0;
        foreach (MemoryArray array in function.Arrays)
            if (array.Space == Space.Shared) shared += (array.Bytes + 15) / 16 * 16;
        return new CompiledKernel
        {
            Name = name,
            Ptx = ptx,
            Parameters = parameters,
            SharedBytes = (int)shared,
            HoldsStaticFields = built.HoldsStaticFields,
            Statistics = new CompileStatistics(built.Steps, function.Blocks.Count, entry.Body.Count, Stopwatch.GetElapsedTime(start).TotalMilliseconds),
        };
    }

    /// <summary>The kernel's IR after all passes, as text.</summary>
    /// <exception cref="MmkException">As <see cref="Compile"/>.</exception>
    public string Dump(MethodInfo kernel, CompileOptions options)
    {
        Check(kernel, options);
        return Guarded(kernel, () =>
        {
            KernelBuilder built = KernelBuilder.Build(kernel, EntryName(kernel), options, out Function function, out _);
            Optimise(function, built.VariableTypes, options);
            return IrText.Print(function);
        });
    }

    private static void Optimise(Function function, List<IrType> variableTypes, CompileOptions options)
    {
        SingleEntries.Run(function, variableTypes);
        SsaConstruction.Run(function, variableTypes);
        After(function, "ssa");
        SimplifyBlocks.Run(function);
        Dominators.Compute(function);
        ValueNumbering.Run(function);
        DeadCode.Run(function);
        SimplifyBlocks.Run(function);
        After(function, "number");
        while (IfConversion.Run(function)) SimplifyBlocks.Run(function);
        Dominators.Compute(function);
        ValueNumbering.Run(function);
        DeadCode.Run(function);
        After(function, "select");
        Dominators.Compute(function);
        HoistShared.Run(function);
        After(function, "hoist");
        Dominators.Compute(function);
        LoopInvariants.Run(function);
        After(function, "invariants");
        Dominators.Compute(function);
        ValueNumbering.Run(function);
        if (options.Contract) Contract.Run(function);
        DeadCode.Run(function);
        SimplifyBlocks.Run(function);
        After(function, "contract");
    }

    /// <summary>Checks the IR after every pass; tests switch it on.</summary>
    internal static bool Verify { get; set; }

    private static void After(Function function, string pass)
    {
        if (Verify) IrVerifier.Check(function, pass);
    }

    private static PtxFunction Emit(Function function, CompileOptions options, KernelBuilder built, out string ptx)
    {
        Coalescing coalescing = Coalescing.Run(function);
        BlockLayout.Run(function);
        var module = new PtxModule { Version = new PtxVersion(7, 8), Target = options.Target };
        PtxFunction entry = PtxEmitter.Run(function, coalescing, module, options, built.Places);
        ptx = PtxText.Print(module);
        return entry;
    }

    private static void Check(MethodInfo kernel, CompileOptions options)
    {
        string name = $"{kernel.DeclaringType?.Name}.{kernel.Name}";
        if (!kernel.IsStatic) throw Diagnostics.Signature(name, "it is not static");
        if (kernel.ReturnType != typeof(void)) throw Diagnostics.Signature(name, $"it returns {kernel.ReturnType.Name}");
        if (kernel.IsDefined(typeof(System.Runtime.CompilerServices.AsyncStateMachineAttribute), inherit: false)) throw Diagnostics.Signature(name, "it is async");
        if (kernel.ContainsGenericParameters) throw Diagnostics.Signature(name, "it has open type parameters");
        if (!options.Target.StartsWith("sm_", StringComparison.Ordinal) || options.Target.Length < 5)
            throw Diagnostics.Target($"the target `{options.Target}` is not a GPU architecture", "Use sm_80 or later, for example sm_90");
    }

    /// <summary>Type, method and type arguments, as a PTX identifier.</summary>
    private static string EntryName(MethodInfo kernel)
    {
        var name = new StringBuilder();
        Append(name, kernel.DeclaringType);
        name.Append('_').Append(kernel.Name);
        if (kernel.IsGenericMethod)
            foreach (Type argument in kernel.GetGenericArguments())
            {
                name.Append('_');
                Append(name, argument);
            }
        for (int i = 0; i < name.Length; i++)
            if (!char.IsAsciiLetterOrDigit(name[i])) name[i] = '_';
        return name.ToString();
    }

    private static void Append(StringBuilder name, Type? type)
    {
        if (type is null) return;
        int arity = type.Name.IndexOf('`');
        name.Append(arity < 0 ? type.Name : type.Name[..arity]);
        if (!type.IsGenericType) return;
        foreach (Type argument in type.GetGenericArguments())
        {
            name.Append('_');
            Append(name, argument);
        }
    }
}
