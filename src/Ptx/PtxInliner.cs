namespace MmKernels.Ptx;

/// <summary>
/// Makes one function of an entry and all that it calls: a call becomes the callee's body, an indirect one a choice between the functions that
/// it can mean, a branch table a chain of comparisons. Argument and return slots become local variables, or registers by <see cref="SlotPromotion"/>.
/// </summary>
public sealed class PtxInliner
{
    private const int StatementsAtMost = 20_000, NestedCallsAtMost = 200;

    private readonly PtxModule module;
    private readonly PtxFunction result;
    private readonly Func<string, ulong> addressOf;
    private readonly List<PtxFunction> candidates = [];
    private readonly List<PtxFunction> path = [];
    private readonly HashSet<PtxVariable> slots = [];
    private int instances;

    private PtxInliner(PtxModule module, PtxFunction entry, Func<string, ulong> addressOf)
    {
        this.module = module;
        this.addressOf = addressOf;
        result = new PtxFunction
        {
            Name = entry.Name, IsEntry = true, Linkage = entry.Linkage, Line = entry.Line, RequiredThreads = entry.RequiredThreads,
            MaxThreads = entry.MaxThreads, MinBlocksPerMultiprocessor = entry.MinBlocksPerMultiprocessor, MaxRegisters = entry.MaxRegisters,
        };
        result.Parameters.AddRange(entry.Parameters);
        result.Directives.AddRange(entry.Directives);
        HashSet<string> taken = AddressesTaken(module);
        foreach (PtxFunction function in module.Functions)
            if (function is { IsEntry: false, HasBody: true } && taken.Contains(function.Name)) candidates.Add(function);
    }

    /// <summary>
    /// The entry without calls and branch tables; the entry itself where it has none. A trap stands where a call has no function to go to
    /// (one without a body, or an address that is no function's) and where an index lies beyond its table; it has the line of the call or branch.
    /// </summary>
    /// <param name="module">The entry's module.</param>
    /// <param name="entry">An entry with a body.</param>
    /// <param name="addressOf">The number that stands for a function's address.</param>
    /// <param name="refused">The call that cannot be replaced (recursion, or more code than is sensible), else null.</param>
    /// <returns>Null where a call is refused.</returns>
    public static PtxFunction? Run(PtxModule module, PtxFunction entry, Func<string, ulong> addressOf, out PtxInstruction? refused)
    {
        refused = null;
        if (!entry.Body.Exists(s => s is PtxInstruction { Opcode: PtxOpcode.Call or PtxOpcode.BrxIdx })) return entry;
        var inliner = new PtxInliner(module, entry, addressOf);
        refused = inliner.Copy(entry, new PtxInlineInstance(inliner.result, entry, ""));
        if (refused is not null) return null;
        SlotPromotion.Run(inliner.result, inliner.slots);
        return inliner.result;
    }

    /// <summary>The functions whose addresses lie in variables or registers.</summary>
    private static HashSet<string> AddressesTaken(PtxModule module)
    {
        var taken = new HashSet<string>();
        foreach (PtxVariable variable in module.Variables)
            foreach (PtxRelocation relocation in variable.Relocations) taken.Add(relocation.Symbol);
        foreach (PtxFunction function in module.Functions)
            foreach (PtxStatement statement in function.Body)
                if (statement is PtxInstruction instruction && instruction.Opcode != PtxOpcode.Call)
                    foreach (PtxOperand operand in instruction.Operands)
                        if (operand is FunctionOperand name) taken.Add(name.Name);
        return taken;
    }

    /// <summary>Appends a function's body; returns the call that is refused.</summary>
    private PtxInstruction? Copy(PtxFunction function, PtxInlineInstance instance)
    {
        path.Add(function);
        foreach (PtxVariable variable in instance.Slots) slots.Add(variable);
        foreach (PtxStatement statement in function.Body)
        {
            switch (statement)
            {
                case PtxLabel label: Place(instance.Label(label)); break;
                case PtxInstruction { Opcode: PtxOpcode.Call } call:
                    if (Call(call, instance) is { } refused) return refused;
                    break;
                case PtxInstruction { Opcode: PtxOpcode.BrxIdx } branch: BranchIndexed(function, branch, instance); break;
                case PtxInstruction { Opcode: PtxOpcode.Ret } end when instance.End is { } after:
                    Add(end, end.Guard is { } guard ? instance.Register(guard) : null, end.GuardNegated, "bra", new LabelOperand(after));
                    break;
                case PtxInstruction instruction: result.Body.Add(instance.Clone(instruction, addressOf)); break;
            }
        }
        path.RemoveAt(path.Count - 1);
        return null;
    }

    private PtxInstruction? Call(PtxInstruction call, PtxInlineInstance caller)
    {
        PtxLabel after = caller.NewLabel("after");
        if (call.Guard is { } guard) Add(call, caller.Register(guard), !call.GuardNegated, "bra", new LabelOperand(after));
        if (call.Operands[1] is FunctionOperand name)
        {
            PtxFunction? target = module.FindFunction(name.Name);
            if (target is not { HasBody: true }) Add(call, null, false, "trap");
            else if (Enter(target, call, caller, after) is { } refused) return refused;
        }
        else
        {
            PtxOperand address = caller.Operand(call.Operands[1], addressOf);
            foreach (PtxFunction candidate in candidates.FindAll(c => Fits(c, call)))
            {
                PtxLabel next = caller.NewLabel("next");
                PtxRegister same = caller.NewRegister(PtxType.Pred);
                Add(call, null, false, "setp.eq.u64", same.Operand, address, new ImmediateOperand(addressOf(candidate.Name)));
                Add(call, same, true, "bra", new LabelOperand(next));
                if (Enter(candidate, call, caller, after) is { } refused) return refused;
                Add(call, null, false, "bra", new LabelOperand(after));
                Place(next);
            }
            Add(call, null, false, "trap");
        }
        Place(after);
        return null;
    }

    private static bool Fits(PtxFunction function, PtxInstruction call)
        => Fits(function.Returns, (ListOperand)call.Operands[0]) && Fits(function.Parameters, (ListOperand)call.Operands[2]);

    private static bool Fits(List<PtxVariable> parameters, ListOperand list)
    {
        if (parameters.Count != list.Elements.Length) return false;
        for (int i = 0; i < parameters.Count; i++)
            if (list.Elements[i] is SymbolOperand slot && slot.Variable.Bytes != parameters[i].Bytes) return false;
        return true;
    }

    private PtxInstruction? Enter(PtxFunction target, PtxInstruction call, PtxInlineInstance caller, PtxLabel after)
    {
        if (path.Contains(target) || path.Count > NestedCallsAtMost || result.Body.Count > StatementsAtMost) return call;
        var callee = new PtxInlineInstance(result, target, $"_{++instances}") { End = caller.NewLabel("return") };
        PtxOperand[] arguments = ((ListOperand)call.Operands[2]).Elements, returns = ((ListOperand)call.Operands[0]).Elements;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is SymbolOperand slot) callee.Alias(target.Parameters[i], caller.Variable(slot.Variable));
            else
            {
                PtxVariable made = callee.Slot(target.Parameters[i]);
                Add(call, null, false, $"st.local.b{made.Bytes * 8}", new AddressOperand(null, made, 0), caller.Operand(arguments[i], addressOf));
            }
        }
        for (int i = 0; i < returns.Length; i++)
            if (returns[i] is SymbolOperand slot) callee.Alias(target.Returns[i], caller.Variable(slot.Variable));
            else callee.Slot(target.Returns[i]);
        if (Copy(target, callee) is { } refused) return refused;
        Place(callee.End);
        for (int i = 0; i < returns.Length; i++)
            if (returns[i] is RegisterOperand)
            {
                PtxVariable made = callee.Variable(target.Returns[i]);
                Add(call, null, false, $"ld.local.b{made.Bytes * 8}", caller.Operand(returns[i], addressOf), new AddressOperand(null, made, 0));
            }
        return null;
    }

    private void BranchIndexed(PtxFunction function, PtxInstruction branch, PtxInlineInstance instance)
    {
        PtxLabel after = instance.NewLabel("after");
        if (branch.Guard is { } guard) Add(branch, instance.Register(guard), !branch.GuardNegated, "bra", new LabelOperand(after));
        PtxOperand index = instance.Operand(branch.Operands[0], addressOf);
        PtxLabel[] targets = function.Body[((LabelOperand)branch.Operands[1]).Label.Index] is PtxBranchTargets table ? table.Targets : [];
        for (int i = 0; i < targets.Length; i++)
        {
            PtxRegister same = instance.NewRegister(PtxType.Pred);
            Add(branch, null, false, "setp.eq.u32", same.Operand, index, ImmediateOperand.Of((long)i));
            Add(branch, same, false, "bra", new LabelOperand(instance.Label(targets[i])));
        }
        Add(branch, null, false, "trap");
        Place(after);
    }

    private void Add(PtxInstruction origin, PtxRegister? guard, bool negated, string operation, params PtxOperand[] operands)
        => result.Body.Add(new PtxInstruction(PtxOperation.Parse(operation), operands) { Guard = guard, GuardNegated = negated, Line = origin.Line, Location = origin.Location });

    private void Place(PtxLabel label)
    {
        label.Index = result.Body.Count;
        result.Body.Add(label);
    }
}
