namespace MmKernels.Ptx;

/// <summary>Checks mov: values, special registers, addresses, packing and unpacking.</summary>
internal static class MovVerifier
{
    public static void Verify(PtxInstruction mov)
    {
        if (mov.Operands.Length != 2) throw PtxErrors.Operands(mov.Line, $"`{mov}`: {mov.Operands.Length} operands where 2 are needed");
        (PtxOperand to, PtxOperand from, PtxType type) = (mov.Operands[0], mov.Operands[1], mov.Type);
        if (type == PtxType.Pred)
        {
            OperandVerifier.Match(mov, to, new OperandPattern("p", true, false, false, false, false), 0);
            OperandVerifier.Match(mov, from, new OperandPattern("p", false, false, true, false, false), 1);
            return;
        }
        if (to is VectorOperand unpacked) Parts(mov, unpacked, true);
        else OperandVerifier.Value(mov, to, type, destination: true, wider: false, 0);
        switch (from)
        {
            case VectorOperand packed: Parts(mov, packed, false); break;
            case SpecialRegisterOperand special:
                if (special.Register.Type().Bits() != type.Bits() && special.Register != PtxSpecialRegister.GridId && type.Bits() < 32)
                    throw PtxErrors.Type(mov.Line, $"`{mov}`: {special} has {special.Register.Type().Bits()} bits");
                break;
            case SymbolOperand or FunctionOperand:
                if (type.Bits() < 32 || type.IsFloat()) throw PtxErrors.Type(mov.Line, $"`{mov}`: an address needs an integer of 32 or 64 bits");
                break;
            default: OperandVerifier.Value(mov, from, type, destination: false, wider: false, 1); break;
        }
    }

    private static void Parts(PtxInstruction mov, VectorOperand vector, bool destination)
    {
        int bits = mov.Type.Bits() / vector.Elements.Length;
        if (vector.Elements.Length is not (2 or 4 or 8) || !mov.Type.IsUntyped()) throw PtxErrors.Operands(mov.Line, $"`{mov}`: {vector.Elements.Length} parts of .{mov.Type.Name()}");
        PtxType part = bits switch { 8 => PtxType.B8, 16 => PtxType.B16, 32 => PtxType.B32, _ => PtxType.B64 };
        foreach (PtxOperand element in vector.Elements)
            if (element is not SinkOperand || !destination) OperandVerifier.Value(mov, element, part, destination, wider: false, destination ? 0 : 1);
    }
}
