using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Methods in memory, for this process.</summary>
[RequiresDynamicCode(JustInTime.Reason)]
internal sealed class MemoryTarget : MethodTarget
{
    public static readonly MemoryTarget Instance = new();

    public override MethodInfo Define(string name, Type[] parameters, out ILGenerator il)
    {
        var method = new DynamicMethod(name, typeof(void), parameters, typeof(MemoryTarget).Module, skipVisibility: true) { InitLocals = false };
        il = method.GetILGenerator(4096);
        return method;
    }
}
