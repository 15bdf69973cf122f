using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Cuts a function's body into blocks and flattens its instructions.</summary>
internal sealed class BlockBuilder
{
    private readonly KernelCode code;
    private readonly IReadOnlySet<PtxInstruction> cuts;
    private readonly List<Block> blocks = [];
    private readonly Dictionary<PtxLabel, Block> labels = [];
    private Block current;
    private Block? exit;

    private BlockBuilder(PtxFunction function, IReadOnlySet<PtxInstruction> cuts)
    {
        this.cuts = cuts;
        code = new KernelCode { Function = function };
        current = New();
    }

    /// <param name="cuts">Instructions in front of which the code is cut.</param>
    /// <exception cref="NotCompilableException">Calls, branch tables and other constructs of the interpreter.</exception>
    public static KernelCode Build(PtxFunction function, IReadOnlySet<PtxInstruction> cuts)
    {
        var builder = new BlockBuilder(function, cuts);
        foreach (PtxStatement statement in function.Body)
        {
            if (statement is PtxLabel label) builder.StartAt(builder.At(label));
            else if (statement is PtxInstruction instruction) builder.Add(instruction);
        }
        builder.current.End = BlockEnd.Exit;
        builder.code.Blocks = builder.blocks;
        return builder.code;
    }

    private Block New()
    {
        var block = new Block(blocks.Count);
        blocks.Add(block);
        return block;
    }

    private Block At(PtxLabel label)
    {
        if (!labels.TryGetValue(label, out Block? block)) labels.Add(label, block = New());
        return block;
    }

    /// <summary>Falls through into a block.</summary>
    private void StartAt(Block next)
    {
        current.End = BlockEnd.Jump;
        current.Next = next;
        current = next;
    }

    private void Add(PtxInstruction source)
    {
        switch (source.Opcode)
        {
            case PtxOpcode.Bra:
                Branch(source, At(((LabelOperand)source.Operands[0]).Label));
                return;
            case PtxOpcode.Ret or PtxOpcode.Exit:
                if (source.Guard is null)
                {
                    current.End = BlockEnd.Exit;
                    current = New();
                }
                else Branch(source, exit ??= New());
                return;
            case PtxOpcode.Call or PtxOpcode.BrxIdx:
                throw new NotCompilableException(source.Line, $"`{source.Operation.Text}`");
        }
        Instr instruction = Flatten(source, keepGuard: CanCarryGuard(source.Opcode));
        if (source.Opcode == PtxOpcode.Mov && Math.Max(instruction.Targets.Length, instruction.Values.Length) == 4)
        {
            AddInHalves(instruction);
            return;
        }
        if (source.Guard is null || instruction.Guard is not null)
        {
            Append(instruction);
            return;
        }
        // A guard in front of anything with an effect beyond its targets becomes a branch around it.
        Block with = New(), after = New();
        current.End = BlockEnd.Branch;
        (current.Guard, current.GuardNegated) = (code.Get(source.Guard, source.Line), source.GuardNegated);
        (current.Taken, current.Next) = (with, after);
        current = with;
        Append(instruction);
        StartAt(after);
    }

    /// <summary>mov.b64 between a register and four of 16 bits: by way of two of 32 bits.</summary>
    private void AddInHalves(Instr move)
    {
        if (move.Type.Bits() != 64) throw new NotCompilableException(move.Line, $"`{move.Source}`");
        Reg low = code.Temporary(PtxType.B32), high = code.Temporary(PtxType.B32);
        Arg[] halves = [new Arg { Register = low }, new Arg { Register = high }];
        if (move.Targets.Length == 4)
        {
            Part("mov.b64", [low, high], move.Values);
            Part("mov.b32", move.Targets[..2], [halves[0]]);
            Part("mov.b32", move.Targets[2..], [halves[1]]);
            return;
        }
        Part("mov.b32", [low], move.Values[..2]);
        Part("mov.b32", [high], move.Values[2..]);
        Part("mov.b64", move.Targets, halves);

        void Part(string operation, Reg?[] targets, Arg[] values)
            => Append(new Instr
            {
                Source = new PtxInstruction(PtxOperation.Parse(operation), move.Source.Operands) { Line = move.Line, Guard = move.Source.Guard, GuardNegated = move.GuardNegated },
                Targets = targets, Values = values, Guard = move.Guard, GuardNegated = move.GuardNegated,
            });
    }

    private void Append(Instr instruction)
    {
        if (instruction.Opcode is PtxOpcode.BarSync or PtxOpcode.BarRed or PtxOpcode.BarArrive)
        {
            current.End = BlockEnd.Barrier;
            current.Barrier = instruction;
            current = current.Next = New();
            return;
        }
        if (cuts.Contains(instruction.Source))
        {
            current.End = BlockEnd.Barrier;
            current = current.Next = New();
        }
        current.Body.Add(instruction);
    }

    private void Branch(PtxInstruction source, Block target)
    {
        Block after = New();
        if (source.Guard is null)
        {
            current.End = BlockEnd.Jump;
            current.Next = target;
        }
        else
        {
            current.End = BlockEnd.Branch;
            (current.Guard, current.GuardNegated) = (code.Get(source.Guard, source.Line), source.GuardNegated);
            (current.Taken, current.Next) = (target, after);
        }
        current = after;
    }

    /// <summary>The instruction has no effect beyond its targets and its own memory access.</summary>
    public static bool CanCarryGuard(PtxOpcode opcode)
        => opcode is <= PtxOpcode.Slct or PtxOpcode.Cvt or PtxOpcode.Cvta or PtxOpcode.Ld or PtxOpcode.Mov or PtxOpcode.St;

    private Instr Flatten(PtxInstruction source, bool keepGuard)
    {
        var targets = new List<Reg?>();
        var values = new List<Arg>();
        var addresses = new List<Arg>();
        bool writes = source.Operation.Row.Operands.StartsWith('=') || source.Opcode is PtxOpcode.WmmaLoad or PtxOpcode.WmmaMma;
        for (int i = 0; i < source.Operands.Length; i++)
        {
            if (i == 0 && writes) FlattenTarget(source.Operands[0], targets, source.Line);
            else FlattenValue(source.Operands[i], values, addresses, source.Line);
        }
        FlattenCarry(source, targets, values);
        return new Instr
        {
            Source = source,
            Targets = [.. targets],
            Values = [.. values],
            Addresses = [.. addresses],
            Guard = keepGuard && source.Guard is not null ? code.Get(source.Guard, source.Line) : null,
            GuardNegated = source.GuardNegated,
        };
    }

    /// <summary>The carry flag as the last source and the last target.</summary>
    private void FlattenCarry(PtxInstruction source, List<Reg?> targets, List<Arg> values)
    {
        if (source.Opcode is PtxOpcode.Addc or PtxOpcode.Subc or PtxOpcode.Madc) values.Add(new Arg { Register = code.Carry });
        if (source.Operation.CarryOut) targets.Add(code.Carry);
    }

    private void FlattenTarget(PtxOperand operand, List<Reg?> targets, int line)
    {
        switch (operand)
        {
            case RegisterOperand register: targets.Add(code.Get(register.Register, line)); break;
            case SinkOperand: targets.Add(null); break;
            case PairOperand pair:
                FlattenTarget(pair.First, targets, line);
                FlattenTarget(pair.Second, targets, line);
                break;
            case VectorOperand vector:
                foreach (PtxOperand element in vector.Elements) FlattenTarget(element, targets, line);
                break;
            default: throw new NotCompilableException(line, $"the destination {operand}");
        }
    }

    private void FlattenValue(PtxOperand operand, List<Arg> values, List<Arg> addresses, int line)
    {
        switch (operand)
        {
            case RegisterOperand register: values.Add(new Arg { Register = code.Get(register.Register, line), Negated = register.Negated }); break;
            case ImmediateOperand constant: values.Add(new Arg { Bits = constant.Bits, BitsKind = constant.Kind }); break;
            case SpecialRegisterOperand special: values.Add(new Arg { Special = special.Register }); break;
            case SymbolOperand symbol: values.Add(new Arg { Symbol = symbol.Variable, Offset = symbol.Offset }); break;
            case AddressOperand address:
                addresses.Add(new Arg { Register = address.Register is null ? null : code.Get(address.Register, line), Symbol = address.Symbol, Offset = address.Offset });
                break;
            case VectorOperand vector:
                foreach (PtxOperand element in vector.Elements) FlattenValue(element, values, addresses, line);
                break;
            default: throw new NotCompilableException(line, $"the operand {operand}");
        }
    }
}
