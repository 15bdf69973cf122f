using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu.AheadOfTime;

/// <summary>Methods in an assembly that is saved: those of a kernel in a class of its own, what kernels share in another.</summary>
internal sealed class AssemblyTarget(ModuleBuilder module) : MethodTarget
{
    private const TypeAttributes StaticClass = TypeAttributes.Class | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit;

    private readonly TypeBuilder routines = Class(module, "Routines", isPublic: false);
    private TypeBuilder? kernel;

    public static TypeBuilder Class(ModuleBuilder module, string name, bool isPublic)
        => module.DefineType($"{CpuCode.AssemblyName}.{name}", (isPublic ? TypeAttributes.Public : TypeAttributes.NotPublic) | StaticClass);

    /// <summary>Begins the class that further methods go into.</summary>
    public TypeBuilder Begin(string name) => kernel = Class(module, name, isPublic: false);

    public override MethodInfo Define(string name, Type[] parameters, out ILGenerator il) => Define(kernel!, name, parameters, out il);

    protected override MethodInfo DefineRoutine(string name, Type[] parameters, out ILGenerator il) => Define(routines, name, parameters, out il);

    /// <summary>Ends the class of what kernels share.</summary>
    public void Complete() => routines.CreateType();

    private static MethodBuilder Define(TypeBuilder type, string name, Type[] parameters, out ILGenerator il)
    {
        MethodBuilder method = type.DefineMethod(name, MethodAttributes.Assembly | MethodAttributes.Static, typeof(void), parameters);
        method.InitLocals = false;
        // Where the runtime compiles in tiers: nobody waits for the slow code's loops to be noticed.
        method.SetImplementationFlags(MethodImplAttributes.AggressiveOptimization);
        il = method.GetILGenerator(4096);
        return method;
    }
}
