namespace MmKernels.Ptx;

/// <summary>Writes a function's registers, variables and body; what the compiler's emitter and tests use.</summary>
public sealed class PtxFunctionBuilder
{
    private readonly Dictionary<PtxType, PtxRegisterGroup> groups = [];
    private readonly HashSet<string> names = [];
    private int labels;

    /// <summary>Starts a function and adds it to the module.</summary>
    public PtxFunctionBuilder(PtxModule module, string name, bool isEntry = true, PtxLinkage linkage = PtxLinkage.Visible)
    {
        Module = module;
        Function = new PtxFunction { Name = name, IsEntry = isEntry, Linkage = linkage };
        module.Functions.Add(Function);
    }

    public PtxModule Module { get; }

    public PtxFunction Function { get; }

    /// <summary>The source place that the instructions emitted from now on carry; null for none.</summary>
    public PtxLocation? Location { get; set; }

    /// <summary>A new register; names follow nvcc: %p, %rs, %r, %rd, %h, %f, %fd.</summary>
    public PtxRegister Register(PtxType type)
    {
        if (!groups.TryGetValue(type, out PtxRegisterGroup? group))
        {
            group = new PtxRegisterGroup { Prefix = Prefix(type), Type = type, Count = 1 };
            groups.Add(type, group);
            Function.RegisterGroups.Add(group);
        }
        return group.Get(group.Count++, Function.Registers);
    }

    /// <summary>A parameter of a scalar type, in order.</summary>
    /// <param name="pointerSpace">For a pointer parameter: where it points.</param>
    /// <param name="pointerAlign">For a pointer parameter: the alignment it promises; 0 for a plain number.</param>
    public PtxVariable Parameter(PtxType type, string name, PtxSpace pointerSpace = PtxSpace.Generic, int pointerAlign = 0)
        => Add(Function.Parameters, new PtxVariable { Name = name, Space = PtxSpace.Param, Type = type, Align = type.Bytes(), PointerSpace = pointerSpace, PointerAlign = pointerAlign });

    /// <summary>A parameter of bytes: a struct by value.</summary>
    public PtxVariable Parameter(int bytes, int align, string name)
        => Add(Function.Parameters, new PtxVariable { Name = name, Space = PtxSpace.Param, Type = PtxType.B8, Dims = [bytes], Align = align });

    /// <summary>A shared or local array of the function.</summary>
    public PtxVariable Variable(PtxSpace space, PtxType type, int count, int align, string name)
        => Add(Function.Variables, new PtxVariable { Name = name, Space = space, Type = type, Dims = [count], Align = align });

    /// <summary>The dynamic shared memory of the launch: <c>.extern .shared .align N .b8 name[]</c> at module scope.</summary>
    public PtxVariable DynamicShared(int align, string name)
        => Add(Module.Variables, new PtxVariable { Name = name, Space = PtxSpace.Shared, Type = PtxType.B8, Dims = [-1], Align = align, Linkage = PtxLinkage.Extern });

    /// <summary>An initialised constant or global array at module scope.</summary>
    public PtxVariable Data(PtxSpace space, PtxType type, int count, int align, string name, byte[]? data)
        => Add(Module.Variables, new PtxVariable { Name = name, Space = space, Type = type, Dims = [count], Align = align, Data = data });

    /// <summary>A new label, not yet placed.</summary>
    public PtxLabel Label() => new($"$L{++labels}");

    /// <summary>Puts a label here.</summary>
    public void Place(PtxLabel label)
    {
        if (label.Index >= 0) throw PtxErrors.Builder($"label {label.Name} of {Function.Name} is placed twice");
        label.Index = Function.Body.Count;
        Function.Body.Add(label);
    }

    /// <summary>Appends an instruction, for example <c>Emit("fma.rn.f32", d.Operand, a.Operand, b.Operand, c.Operand)</c>.</summary>
    /// <exception cref="MmkException">MMK103: the spelling is not in the instruction set.</exception>
    public PtxInstruction Emit(string operation, params PtxOperand[] operands) => Emit(PtxOperation.Parse(operation), null, false, operands);

    /// <summary>Appends a guarded instruction: <c>@guard</c>, or <c>@!guard</c> when negated.</summary>
    public PtxInstruction EmitIf(PtxRegister guard, bool negated, string operation, params PtxOperand[] operands)
        => Emit(PtxOperation.Parse(operation), guard, negated, operands);

    /// <summary>Appends an instruction of a resolved operation.</summary>
    public PtxInstruction Emit(PtxOperation operation, PtxRegister? guard, bool negated, PtxOperand[] operands)
    {
        var instruction = new PtxInstruction(operation, operands) { Guard = guard, GuardNegated = negated, Location = Location };
        Function.Body.Add(instruction);
        return instruction;
    }

    /// <summary>Appends any statement, for example a pragma.</summary>
    public void Append(PtxStatement statement) => Function.Body.Add(statement);

    private PtxVariable Add(List<PtxVariable> list, PtxVariable variable)
    {
        if (!names.Add(variable.Name)) throw PtxErrors.Builder($"the name {variable.Name} is used twice in {Function.Name}");
        variable.Index = list.Count;
        list.Add(variable);
        return variable;
    }

    private static string Prefix(PtxType type) => type switch
    {
        PtxType.Pred => "%p",
        PtxType.F32 => "%f",
        PtxType.F64 => "%fd",
        PtxType.F16 => "%h",
        _ when type.Bits() == 16 => type == PtxType.B16 ? "%rs" : $"%{type.Name()}_",
        _ when type.Bits() == 32 => type == PtxType.B32 ? "%r" : $"%{type.Name()}_",
        _ when type.Bits() == 64 => type == PtxType.B64 ? "%rd" : $"%{type.Name()}_",
        _ => $"%{type.Name()}_",
    };
}
