namespace MmKernels.Ptx;

/// <summary>Checks one operand against its pattern.</summary>
internal static class OperandVerifier
{
    /// <exception cref="MmkException">MMK104 or MMK105.</exception>
    public static void Match(PtxInstruction instruction, PtxOperand operand, OperandPattern pattern, int place)
    {
        PtxOperation operation = instruction.Operation;
        if (operand is PairOperand pair)
        {
            if (!pattern.Pair) throw Wrong(instruction, place, operand, "one destination is needed");
            if (pair.First is not SinkOperand) Match(instruction, pair.First, pattern with { Pair = false }, place);
            if (pair.Second is not SinkOperand) Predicate(instruction, pair.Second, place, destination: true, negatable: false);
            return;
        }
        switch (pattern.Kind)
        {
            case "p": Predicate(instruction, operand, place, pattern.Destination, pattern.Negatable); return;
            case "A": Address(instruction, operand, place); return;
            case "L":
                if (operand is not LabelOperand) throw Wrong(instruction, place, operand, "a label is needed");
                return;
            case "#":
                if (operand is not ImmediateOperand { Kind: PtxImmediateKind.Integer }) throw Wrong(instruction, place, operand, "an integer constant is needed");
                return;
            case "V": Vector(instruction, operand, operation.Vector, operation.Type, pattern.Destination, wider: true, place); return;
            case "X": Vector(instruction, operand, operation.Matrices, PtxType.B32, pattern.Destination, wider: false, place); return;
            case "M": Fragment(instruction, operand, 0, place); return;
            case "MA": Fragment(instruction, operand, 1, place); return;
            case "MB": Fragment(instruction, operand, 2, place); return;
            case "MC": Fragment(instruction, operand, 3, place); return;
        }
        if (pattern.OrPredicate && operand is RegisterOperand { Register.Type: PtxType.Pred }) return;
        bool wider = operation.Opcode is PtxOpcode.Cvt;
        Value(instruction, operand, TypeOf(pattern.Kind, operation), pattern.Destination, wider, place);
    }

    /// <summary>Whether a register of one type may stand where an instruction has another of the same width, as ptxas sees it.</summary>
    public static bool Compatible(PtxType instruction, PtxType register)
    {
        if (register == PtxType.Pred || instruction == PtxType.Pred) return register == instruction;
        if (instruction.IsUntyped() || register.IsUntyped() || instruction == register) return true;
        if (instruction.IsInteger()) return register.IsInteger();
        // Packed pairs of integers and tf32 live in registers of their width.
        return instruction is PtxType.U16x2 or PtxType.S16x2 or PtxType.TF32 && register.Bits() == 32;
    }

    /// <summary>Checks a register or immediate as a value of a type.</summary>
    public static void Value(PtxInstruction instruction, PtxOperand operand, PtxType type, bool destination, bool wider, int place)
    {
        switch (operand)
        {
            case RegisterOperand { Negated: true }: throw Wrong(instruction, place, operand, "a value cannot be negated here");
            case RegisterOperand register:
                PtxType has = register.Register.Type;
                bool fits = has.Bits() == type.Bits() ? Compatible(type, has) : wider && has.Bits() > type.Bits() && !has.IsFloat() && (has.IsUntyped() || !type.IsFloat());
                if (!fits) throw PtxErrors.Type(instruction.Line, $"`{instruction}`: operand {place + 1} is a .{has.Name()} register where .{type.Name()} is needed");
                return;
            case ImmediateOperand when destination: throw Wrong(instruction, place, operand, "a register is needed for the result");
            case ImmediateOperand immediate:
                bool integer = immediate.Kind == PtxImmediateKind.Integer;
                if ((type.IsInteger() && !integer) || (type.IsFloat() && integer && type is PtxType.F32 or PtxType.F64))
                    throw PtxErrors.Type(instruction.Line, $"`{instruction}`: operand {place + 1} is {(integer ? "an integer" : "a float")} where .{type.Name()} is needed");
                return;
            case SinkOperand when destination && MayDrop(instruction.Opcode): return;
            default: throw Wrong(instruction, place, operand, destination ? "a register is needed for the result" : "a register or a constant is needed");
        }
    }

    private static bool MayDrop(PtxOpcode opcode) => opcode is PtxOpcode.Atom or PtxOpcode.ElectSync or PtxOpcode.Setp or (>= PtxOpcode.MbarrierArrive and <= PtxOpcode.MbarrierTryWait);

    private static PtxType TypeOf(string kind, PtxOperation operation) => kind switch
    {
        "T" => operation.Types[0],
        "T1" => operation.Types[1],
        "W" => operation.Type switch { PtxType.U16 => PtxType.U32, PtxType.S16 => PtxType.S32, PtxType.U32 => PtxType.U64, _ => PtxType.S64 },
        _ => PtxTypes.Parse(kind),
    };

    private static void Predicate(PtxInstruction instruction, PtxOperand operand, int place, bool destination, bool negatable)
    {
        switch (operand)
        {
            case RegisterOperand { Register.Type: PtxType.Pred } register when negatable || !register.Negated: return;
            case ImmediateOperand { Kind: PtxImmediateKind.Integer } when !destination: return;
            case SinkOperand when destination: return;
            case RegisterOperand register:
                throw PtxErrors.Type(instruction.Line, $"`{instruction}`: operand {place + 1} is a .{register.Register.Type.Name()} register where a predicate is needed");
            default: throw Wrong(instruction, place, operand, "a predicate is needed");
        }
    }

    private static void Address(PtxInstruction instruction, PtxOperand operand, int place)
    {
        if (operand is TensorAddressOperand) return;
        if (operand is not AddressOperand address) throw Wrong(instruction, place, operand, "an address in brackets is needed");
        if (address.Register is { } register && (register.Type.IsFloat() || register.Type.Bits() is not (32 or 64)))
            throw PtxErrors.Type(instruction.Line, $"`{instruction}`: a .{register.Type.Name()} register cannot be an address");
        bool isCopy = instruction.Operation.SourceSpace != PtxSpace.Generic;
        if (address.Symbol is { } symbol && !isCopy && instruction.Operation.Space is var space and not PtxSpace.Generic && symbol.Space != space)
            throw PtxErrors.Operands(instruction.Line, $"`{instruction}`: `{symbol}` lies in .{symbol.Space.ToString().ToLowerInvariant()}, the instruction names .{space.ToString().ToLowerInvariant()}");
    }

    private static void Vector(PtxInstruction instruction, PtxOperand operand, int count, PtxType type, bool destination, bool wider, int place)
    {
        if (operand is not VectorOperand vector)
        {
            if (count != 1) throw Wrong(instruction, place, operand, $"a vector of {count} is needed");
            Value(instruction, operand, type, destination, wider, place);
            return;
        }
        if (vector.Elements.Length != count) throw Wrong(instruction, place, operand, $"{vector.Elements.Length} elements where {count} are needed");
        foreach (PtxOperand element in vector.Elements)
            if (element is not SinkOperand || !destination) Value(instruction, element, type, destination, wider, place);
    }

    private static void Fragment(PtxInstruction instruction, PtxOperand operand, int index, int place)
    {
        PtxType type = instruction.Operation.Types[index];
        int count = MmaFragments.Registers(instruction.Operation)[index];
        bool packed = type is PtxType.F16 or PtxType.BF16 or PtxType.U8 or PtxType.S8 or PtxType.E4M3 or PtxType.E5M2 or PtxType.TF32;
        Vector(instruction, operand, count, packed ? PtxType.B32 : type, index == 0, wider: false, place);
    }

    private static MmkException Wrong(PtxInstruction instruction, int place, PtxOperand operand, string needed)
        => PtxErrors.Operands(instruction.Line, $"`{instruction}`: operand {place + 1} is `{operand}`: {needed}");
}
