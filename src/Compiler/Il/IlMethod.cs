using System.Collections.Concurrent;
using System.Reflection;

namespace MmKernels.Compiler.Il;

/// <summary>A method's IL, decoded once per process and closed method, with what control flow and locals need to be known about it.</summary>
internal sealed class IlMethod
{
    private static readonly ConcurrentDictionary<MethodBase, IlMethod?> known = new();

    private readonly Type[]? typeArguments;
    private readonly Type[]? methodArguments;

    private IlMethod(MethodBase method, MethodBody body)
    {
        Method = method;
        Instructions = IlDecoder.Decode(body.GetILAsByteArray()!);
        HasHandlers = body.ExceptionHandlingClauses.Count > 0;
        ZeroesLocals = body.InitLocals;
        typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        ReturnType = method is MethodInfo info ? info.ReturnType : typeof(void);
        Arguments = ArgumentTypes(method);
        IList<LocalVariableInfo> locals = body.LocalVariables;
        Locals = new Type[locals.Count];
        for (int i = 0; i < Locals.Length; i++) Locals[i] = locals[i].LocalType;
        IsTarget = new bool[Instructions.Length];
        IsLoopHeader = new bool[Instructions.Length];
        IsSingleAssignment = new bool[Slots];
        IsAddressTaken = new bool[Slots];
        Array.Fill(IsSingleAssignment, true);
        Scan();
        Liveness = new IlLiveness(this);
    }

    public MethodBase Method { get; }

    public IlInstruction[] Instructions { get; }

    public Type ReturnType { get; }

    /// <summary>Types of the arguments; <c>this</c> first, as a reference.</summary>
    public Type[] Arguments { get; }

    public Type[] Locals { get; }

    /// <summary>Locals and arguments together; the argument i is slot Locals.Length + i.</summary>
    public int Slots => Locals.Length + Arguments.Length;

    public bool HasHandlers { get; }

    /// <summary>Whether locals and stackalloc start as zeros.</summary>
    public bool ZeroesLocals { get; }

    /// <summary>Instructions that a branch goes to.</summary>
    public bool[] IsTarget { get; }

    /// <summary>Instructions that a branch goes back to.</summary>
    public bool[] IsLoopHeader { get; }

    /// <summary>Slots that are written at one place at most and never by reference.</summary>
    public bool[] IsSingleAssignment { get; }

    /// <summary>Slots of which a reference is taken.</summary>
    public bool[] IsAddressTaken { get; }

    /// <summary>Whether a local is itself a reference.</summary>
    public bool HasReferenceLocals { get; private set; }

    public IlLiveness Liveness { get; }

    /// <summary>The C# line of each instruction; null where there are no symbols.</summary>
    public SourcePlace?[] Places => field ??= SourceMap.PlacesOf(this);

    /// <summary>The IL of a method, or null where it has none.</summary>
    public static IlMethod? Of(MethodBase method) => known.GetOrAdd(method, static m => BodyOf(m) is { } body ? new IlMethod(m, body) : null);

    private static MethodBody? BodyOf(MethodBase method)
    {
        try
        {
            return method.GetMethodBody();
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return null;   // a method that is made while the process runs
        }
    }

    /// <summary>What a call instruction calls. A call has the same constraint whenever it is executed, so the answer is kept.</summary>
    public CallTarget ResolveCall(IlInstruction instruction, Type? constraint)
        => (CallTarget)(instruction.Member ??= CallTarget.Of(Method.Module.ResolveMethod((int)instruction.Operand, typeArguments, methodArguments)!, constraint));

    public FieldInfo ResolveField(IlInstruction instruction)
        => (FieldInfo)(instruction.Member ??= Method.Module.ResolveField((int)instruction.Operand, typeArguments, methodArguments)!);

    public MemberInfo ResolveToken(IlInstruction instruction)
        => (MemberInfo)(instruction.Member ??= Method.Module.ResolveMember((int)instruction.Operand, typeArguments, methodArguments)!);

    public Type ResolveType(IlInstruction instruction)
        => (Type)(instruction.Member ??= Method.Module.ResolveType((int)instruction.Operand, typeArguments, methodArguments));

    private static Type[] ArgumentTypes(MethodBase method)
    {
        ParameterInfo[] parameters = method.GetParameters();
        int first = method.IsStatic ? 0 : 1;
        var types = new Type[parameters.Length + first];
        if (first == 1) types[0] = method.DeclaringType!.MakeByRefType();
        for (int i = 0; i < parameters.Length; i++) types[i + first] = parameters[i].ParameterType;
        return types;
    }

    private void Scan()
    {
        var writes = new int[Slots];
        for (int i = 0; i < Instructions.Length; i++)
        {
            IlInstruction instruction = Instructions[i];
            switch (instruction.Op)
            {
                case IlOp.StoreLocal: writes[(int)instruction.Operand]++; break;
                case IlOp.StoreArg: writes[Locals.Length + (int)instruction.Operand] += 2; break;
                case IlOp.LoadLocalAddress: IsAddressTaken[(int)instruction.Operand] = true; break;
                case IlOp.LoadArgAddress: IsAddressTaken[Locals.Length + (int)instruction.Operand] = true; break;
            }
            if (instruction.Target >= 0) MarkTarget(i, instruction.Target);
            foreach (int target in instruction.Targets ?? []) MarkTarget(i, target);
        }
        for (int i = 0; i < writes.Length; i++)
            if (writes[i] > 1 || IsAddressTaken[i]) IsSingleAssignment[i] = false;
        foreach (Type local in Locals) HasReferenceLocals |= local.IsByRef;
    }

    private void MarkTarget(int from, int target)
    {
        IsTarget[target] = true;
        if (target <= from) IsLoopHeader[target] = true;
    }
}
