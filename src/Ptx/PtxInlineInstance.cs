namespace MmKernels.Ptx;

/// <summary>One copy of a function's body inside another function: what its registers, labels and variables are called there.</summary>
internal sealed class PtxInlineInstance
{
    private readonly PtxFunction result;
    private readonly bool isEntry;
    private readonly string suffix;
    private readonly Dictionary<PtxRegisterGroup, PtxRegisterGroup> groups = [];
    private readonly Dictionary<PtxLabel, PtxLabel> labels = [];
    private readonly Dictionary<PtxVariable, PtxVariable> variables = [];
    private int made;

    public PtxInlineInstance(PtxFunction result, PtxFunction function, string suffix)
    {
        (this.result, this.suffix, isEntry) = (result, suffix, function.IsEntry);
        foreach (PtxVariable variable in function.Variables)
        {
            if (variable.Space is PtxSpace.Param) Slot(variable);
            else if (variable.Space is PtxSpace.Local) variables[variable] = Local(variable);
            else AddVariable(variable);
        }
    }

    /// <summary>Where a return goes; null in the entry.</summary>
    public PtxLabel? End { get; init; }

    /// <summary>The argument and return slots, which are local variables of the result.</summary>
    public List<PtxVariable> Slots { get; } = [];

    /// <summary>The callee's name for a slot of its caller.</summary>
    public void Alias(PtxVariable parameter, PtxVariable slot) => variables[parameter] = slot;

    /// <summary>A slot of its own for a parameter.</summary>
    public PtxVariable Slot(PtxVariable parameter)
    {
        PtxVariable slot = Local(parameter);
        variables[parameter] = slot;
        Slots.Add(slot);
        return slot;
    }

    public PtxVariable Variable(PtxVariable variable) => variables.GetValueOrDefault(variable, variable);

    public PtxLabel Label(PtxLabel label)
    {
        if (!labels.TryGetValue(label, out PtxLabel? known)) labels.Add(label, known = new PtxLabel(label.Name + suffix) { Line = label.Line });
        return known;
    }

    public PtxLabel NewLabel(string purpose) => new($"${purpose}{suffix}_{++made}");

    public PtxRegister Register(PtxRegister register)
    {
        if (!groups.TryGetValue(register.Group, out PtxRegisterGroup? group))
        {
            PtxRegisterGroup known = register.Group;
            group = new PtxRegisterGroup { Prefix = known.Prefix + suffix, Type = known.Type, Vector = known.Vector, Count = known.Count };
            groups.Add(known, group);
            result.RegisterGroups.Add(group);
        }
        return group.Get(Math.Max(register.Number, 0), result.Registers);
    }

    public PtxRegister NewRegister(PtxType type)
    {
        var group = new PtxRegisterGroup { Prefix = $"%made{suffix}_{++made}", Type = type };
        result.RegisterGroups.Add(group);
        return group.Get(0, result.Registers);
    }

    /// <summary>The instruction in the result; a function's parameters are local variables there.</summary>
    public PtxInstruction Clone(PtxInstruction instruction, Func<string, ulong> addressOf)
    {
        PtxOperand[] operands = Array.ConvertAll(instruction.Operands, o => Operand(o, addressOf));
        return new PtxInstruction(InLocalMemory(instruction, operands), operands)
        {
            Guard = instruction.Guard is { } guard ? Register(guard) : null,
            GuardNegated = instruction.GuardNegated,
            Line = instruction.Line,
            Location = instruction.Location,
        };
    }

    public PtxOperand Operand(PtxOperand operand, Func<string, ulong> addressOf) => operand switch
    {
        RegisterOperand register => register.Negated ? new RegisterOperand(Register(register.Register), true) : Register(register.Register).Operand,
        AddressOperand address => new AddressOperand(address.Register is { } r ? Register(r) : null, address.Symbol is { } s ? Variable(s) : null, address.Offset),
        SymbolOperand symbol => new SymbolOperand(Variable(symbol.Variable), symbol.Offset),
        VectorOperand vector => new VectorOperand(Array.ConvertAll(vector.Elements, e => Operand(e, addressOf))),
        PairOperand pair => new PairOperand(Operand(pair.First, addressOf), Operand(pair.Second, addressOf)),
        ListOperand list => new ListOperand(Array.ConvertAll(list.Elements, e => Operand(e, addressOf))),
        LabelOperand label => new LabelOperand(Label(label.Label)),
        FunctionOperand function => new ImmediateOperand(addressOf(function.Name)),
        TensorAddressOperand tensor => new TensorAddressOperand(Operand(tensor.Base, addressOf), Operand(tensor.Coordinates, addressOf)),
        _ => operand,
    };

    /// <summary>Accesses of slots and of a function's parameters are accesses of local memory.</summary>
    private PtxOperation InLocalMemory(PtxInstruction instruction, PtxOperand[] operands)
    {
        PtxOperation operation = instruction.Operation;
        if (operation.Space != PtxSpace.Param) return operation;
        PtxVariable? symbol = null;
        foreach (PtxOperand operand in operands)
            if (operand is AddressOperand address) symbol = address.Symbol;
        bool local = symbol is null ? !isEntry : symbol.Space == PtxSpace.Local;
        return local ? PtxOperation.Parse(operation.Text.Replace(".param::func", ".local").Replace(".param", ".local")) : operation;
    }

    private PtxVariable Local(PtxVariable variable)
        => AddVariable(new PtxVariable
        {
            Name = variable.Name + suffix, Space = PtxSpace.Local, Type = PtxType.B8, Dims = [checked((int)variable.Bytes)], Align = variable.Align, Line = variable.Line,
        });

    private PtxVariable AddVariable(PtxVariable variable)
    {
        result.Variables.Add(variable);
        return variable;
    }
}
