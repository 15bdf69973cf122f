using MmKernels.Ptx;
using unsafe Handler = delegate*<MmKernels.Runtime.Cpu.Interpreter.Warp, ref MmKernels.Runtime.Cpu.Interpreter.Op, uint, void>;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Turns a function's body into <see cref="Op"/>s: registers become rows, names addresses, spellings handlers.</summary>
internal sealed unsafe partial class Decoder
{
    private readonly Program program;
    private readonly Code code;
    private readonly PtxFunction function;
    private readonly int[] places;
    private readonly int sinkRow;
    private readonly List<(int Op, PtxLabel Target)> branches = [];
    private readonly List<(int Op, PtxLabel[] Targets)> tables = [];
    private Op[] ops = [];
    private int count;

    public Decoder(Program program, Code code)
    {
        this.program = program;
        this.code = code;
        function = code.Function;
        places = new int[function.Registers.Count];
        foreach (PtxRegister register in function.Registers)
            places[register.Index] = register.Type == PtxType.Pred ? code.Predicates++ : code.Rows++;
        sinkRow = code.Rows++;
        LayOutFrame();
    }

    /// <summary>Place of a register: a row, or a predicate's number.</summary>
    public int Place(PtxRegister register) => places[register.Index];

    public void Run()
    {
        ops = new Op[function.Body.Count + 1];
        code.StatementOps = new int[function.Body.Count + 1];
        for (int i = 0; i < function.Body.Count; i++)
        {
            code.StatementOps[i] = count;
            if (function.Body[i] is PtxInstruction instruction) Decode(instruction);
        }
        code.StatementOps[function.Body.Count] = count;
        // Falling off the end ends the function.
        var end = new PtxInstruction(PtxOperation.Parse("ret"));
        Add(end).Kind = OpKind.Return;
        foreach ((int op, PtxLabel target) in branches) ops[op].Target = code.StatementOps[target.Index];
        foreach ((int op, PtxLabel[] targets) in tables) ops[op].Data = Array.ConvertAll(targets, t => code.StatementOps[t.Index]);
        Array.Resize(ref ops, count);
        code.Ops = ops;
        code.Places = places;
    }

    /// <summary>Local variables, and for functions the parameters, returns and argument slots, lie in the frame.</summary>
    private void LayOutFrame()
    {
        long end = 0;
        void Put(PtxVariable variable)
        {
            end = (end + variable.Align - 1) / variable.Align * variable.Align;
            code.FrameOffsets[variable] = (int)end;
            end += variable.Bytes;
            if (end > int.MaxValue / 2) throw RuntimeErrors.OutOfMemory("interpreter", end);
        }
        foreach (PtxVariable variable in function.Variables)
            if (variable.Space is PtxSpace.Local or PtxSpace.Param) Put(variable);
        if (!function.IsEntry)
        {
            foreach (PtxVariable parameter in function.Parameters) Put(parameter);
            foreach (PtxVariable result in function.Returns) Put(result);
        }
        code.FrameBytes = (int)((end + 15) / 16 * 16);
    }

    private ref Op Add(PtxInstruction instruction)
    {
        if (count == ops.Length) Array.Resize(ref ops, count * 2);
        ref Op op = ref ops[count++];
        op = new Op { D = -1, A = -1, B = -1, C = -1, P = -1, Q = -1, R = -1, Guard = -1, Instruction = instruction, Run = &WarpOps.Nothing };
        if (instruction.Guard is { } guard) op.Guard = Place(guard) * 2 + (instruction.GuardNegated ? 1 : 0);
        op.Space = instruction.Operation.Space == PtxSpace.Const ? PtxSpace.Global : instruction.Operation.Space;
        return ref op;
    }

    /// <summary>The row of a source operand, seen as a value of a type.</summary>
    private int Source(PtxOperand operand, PtxType type, PtxInstruction instruction)
    {
        switch (operand)
        {
            case RegisterOperand register when register.Register.Type == PtxType.Pred: throw Unsupported(instruction, "a predicate as a value");
            case RegisterOperand register: return Op.Registers + Place(register.Register);
            case ImmediateOperand immediate:
                ulong bits = PtxImmediates.BitsFor(immediate, type);
                if (type.IsSigned() && immediate.Kind == PtxImmediateKind.Integer && type.Bits() < 64)
                    bits = (ulong)((long)(bits << 64 - type.Bits()) >> 64 - type.Bits());
                return Op.Constants + program.ConstantRow(bits);
            case SpecialRegisterOperand special: return Special(special.Register, instruction);
            case SymbolOperand symbol when symbol.Variable.Space is PtxSpace.Local or PtxSpace.Param && !IsEntryParameter(symbol.Variable):
                throw Unsupported(instruction, "the address of a local variable outside mov");
            case SymbolOperand symbol: return Op.Constants + program.ConstantRow(SymbolAddress(symbol.Variable, instruction) + (ulong)symbol.Offset);
            case FunctionOperand target: return Op.Constants + program.ConstantRow(ModuleMemory.FunctionAddress(program.Module, target.Name));
            default: throw Unsupported(instruction, $"the operand `{operand}`");
        }
    }

    private int Special(PtxSpecialRegister register, PtxInstruction instruction)
    {
        if (IsClock(register)) throw Unsupported(instruction, $"{register.Name()} outside mov");
        int row = code.Specials.IndexOf(register);
        if (row < 0)
        {
            row = code.Specials.Count;
            code.Specials.Add(register);
        }
        return Op.Specials + row;
    }

    private static bool IsClock(PtxSpecialRegister register)
        => register is PtxSpecialRegister.Clock or PtxSpecialRegister.ClockHi or PtxSpecialRegister.Clock64
            or PtxSpecialRegister.GlobalTimer or PtxSpecialRegister.GlobalTimerLo or PtxSpecialRegister.GlobalTimerHi;

    private bool IsEntryParameter(PtxVariable variable) => variable.Space == PtxSpace.Param && function.IsEntry && function.Parameters.Contains(variable);

    private ulong SymbolAddress(PtxVariable variable, PtxInstruction instruction) => variable.Space switch
    {
        PtxSpace.Shared => (ulong)program.SharedOffset(variable),
        PtxSpace.Param => (ulong)program.Parameters[variable.Index].Offset,
        _ => program.VariableAddress(variable, instruction.Line),
    };

    /// <summary>The row of a destination; a sink gets a row that nobody reads.</summary>
    private int Destination(PtxOperand operand, PtxInstruction instruction) => operand switch
    {
        RegisterOperand register when register.Register.Type != PtxType.Pred => Op.Registers + Place(register.Register),
        SinkOperand => Op.Registers + sinkRow,
        _ => throw Unsupported(instruction, $"the destination `{operand}`"),
    };

    /// <summary>A predicate operand in the form of <see cref="Op.P"/>; -1 for a sink.</summary>
    private int Predicate(PtxOperand operand, PtxInstruction instruction) => operand switch
    {
        RegisterOperand register when register.Register.Type == PtxType.Pred => Place(register.Register) * 2 + (register.Negated ? 1 : 0),
        ImmediateOperand immediate => immediate.Bits != 0 ? 1 : 0,
        SinkOperand => -1,
        _ => throw Unsupported(instruction, $"the predicate `{operand}`"),
    };

    /// <summary>A destination that may be a value, a predicate or <c>value|predicate</c>: fills D and Q.</summary>
    private void Destinations(ref Op op, PtxOperand operand, PtxInstruction instruction)
    {
        if (operand is PairOperand pair)
        {
            op.D = Destination(pair.First, instruction);
            op.Q = Predicate(pair.Second, instruction);
        }
        else if (operand is RegisterOperand { Register.Type: PtxType.Pred }) op.Q = Predicate(operand, instruction);
        else op.D = Destination(operand, instruction);
    }

    /// <summary>Base row and offset of an address; the space follows the symbol where there is one.</summary>
    private void Address(ref Op op, PtxOperand operand, PtxInstruction instruction)
    {
        if (operand is not AddressOperand address) throw Unsupported(instruction, $"the address `{operand}`");
        op.Immediate = address.Offset;
        if (address.Register is { } register) op.A = Op.Registers + Place(register);
        else if (address.Symbol is null) op.A = Op.Constants + program.ConstantRow(0);
        else if (code.FrameOffsets.TryGetValue(address.Symbol, out int offset))
        {
            op.Space = PtxSpace.Local;
            op.Immediate += offset;
        }
        else
        {
            op.Space = address.Symbol.Space == PtxSpace.Const ? PtxSpace.Global : address.Symbol.Space;
            op.Immediate += (long)SymbolAddress(address.Symbol, instruction);
        }
        // Parameters of functions lie in the frame.
        if (op.Space == PtxSpace.Param && !function.IsEntry) op.Space = PtxSpace.Local;
    }

    private MmkException Unsupported(PtxInstruction instruction, string what)
        => RuntimeErrors.Unsupported(function.Name, instruction.Line, $"`{instruction}`: {what}");

    private void Require(PtxInstruction instruction, int operands)
    {
        if (instruction.Operands.Length < operands) throw Unsupported(instruction, $"{instruction.Operands.Length} operands where {operands} are needed");
    }

    private void Decode(PtxInstruction instruction)
    {
        PtxOpcode opcode = instruction.Opcode;
        if (DecodeControl(instruction) || DecodeMemory(instruction) || DecodeWarp(instruction)) return;
        PtxOperation operation = instruction.Operation;
        switch (opcode)
        {
            case PtxOpcode.Mov: Mov(instruction); return;
            case PtxOpcode.Setp: Setp(instruction); return;
            case PtxOpcode.Selp:
                Require(instruction, 4);
                ref Op selp = ref Add(instruction);
                Sources(ref selp, instruction, 2, operation.Type);
                selp.P = Predicate(instruction.Operands[3], instruction);
                selp.Immediate = KeepBits(operation.Type);
                selp.Run = &LaneOps.Select;
                return;
            case PtxOpcode.Set:
                Require(instruction, 3);
                ref Op set = ref Add(instruction);
                Sources(ref set, instruction, 2, operation.SourceType);
                if (instruction.Operands.Length > 3) set.R = Predicate(instruction.Operands[3], instruction);
                set.Immediate = CombineCode(operation.Reduction);
                set.Run = &BitOps.Set;
                return;
            case PtxOpcode.Testp:
                Require(instruction, 2);
                ref Op testp = ref Add(instruction);
                testp.P = Predicate(instruction.Operands[0], instruction);
                testp.A = Source(instruction.Operands[1], operation.Type, instruction);
                testp.Run = &FloatSlow.Testp;
                return;
            case PtxOpcode.Cvt:
                Require(instruction, 2);
                ref Op cvt = ref Add(instruction);
                Sources(ref cvt, instruction, instruction.Operands.Length - 1, operation.SourceType);
                cvt.Run = ConvertOps.Find(operation, ref cvt);
                return;
            case PtxOpcode.And or PtxOpcode.Or or PtxOpcode.Xor or PtxOpcode.Not when operation.Type == PtxType.Pred:
                PredicateLogic(instruction);
                return;
        }
        Arithmetic(instruction);
    }

    /// <summary>A destination and a number of sources of one type.</summary>
    private void Sources(ref Op op, PtxInstruction instruction, int sources, PtxType type)
    {
        Destinations(ref op, instruction.Operands[0], instruction);
        if (sources > 0) op.A = Source(instruction.Operands[1], type, instruction);
        if (sources > 1) op.B = Source(instruction.Operands[2], type, instruction);
        if (sources > 2) op.C = Source(instruction.Operands[3], type, instruction);
    }

    private static long KeepBits(PtxType type) => type.Bits() >= 64 ? -1 : (1L << type.Bits()) - 1;

    private static long CombineCode(PtxReduction reduction) => reduction switch { PtxReduction.And => 1, PtxReduction.Or => 2, PtxReduction.Xor => 3, _ => 0 };
}
