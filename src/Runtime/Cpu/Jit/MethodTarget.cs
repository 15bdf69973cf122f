using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Where generated methods go: into memory, or into an assembly that is saved.</summary>
internal abstract class MethodTarget
{
    private readonly ConcurrentDictionary<string, MethodInfo> routines = new();

    /// <summary>A new static method that returns nothing and does not clear its variables.</summary>
    public abstract MethodInfo Define(string name, Type[] parameters, out ILGenerator il);

    /// <summary>A method that several kernels call; written the first time.</summary>
    public MethodInfo Routine(string name, Type[] parameters, Action<IlWriter> write)
        => routines.GetOrAdd(name, _ =>
        {
            MethodInfo method = DefineRoutine(name, parameters, out ILGenerator il);
            write(new IlWriter(il));
            return method;
        });

    protected virtual MethodInfo DefineRoutine(string name, Type[] parameters, out ILGenerator il) => Define(name, parameters, out il);
}
