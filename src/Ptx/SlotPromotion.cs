namespace MmKernels.Ptx;

/// <summary>Replaces local variables that are only loaded and stored in fixed pieces by registers, one per piece.</summary>
internal sealed class SlotPromotion
{
    private readonly PtxFunction function;
    private readonly HashSet<PtxVariable> slots;
    private readonly Dictionary<(PtxVariable Slot, long Offset), (int Bytes, PtxRegister? Register)> pieces = [];
    private int made;

    private SlotPromotion(PtxFunction function, HashSet<PtxVariable> slots) => (this.function, this.slots) = (function, slots);

    /// <param name="function">Its labels are placed anew.</param>
    /// <param name="slots">The variables to look at; those that are left afterwards stay in memory.</param>
    public static void Run(PtxFunction function, HashSet<PtxVariable> slots)
    {
        if (slots.Count == 0) return;
        var promotion = new SlotPromotion(function, slots);
        foreach (PtxStatement statement in function.Body)
            if (statement is PtxInstruction instruction) promotion.Examine(instruction);
        promotion.DropOverlapping();
        promotion.Rewrite();
    }

    private static bool IsAccess(PtxInstruction instruction, out AddressOperand address, out PtxOperand values)
    {
        bool loads = instruction.Opcode == PtxOpcode.Ld;
        (address, values) = (null!, null!);
        if ((!loads && instruction.Opcode != PtxOpcode.St) || instruction.Operands.Length != 2) return false;
        (values, PtxOperand place) = loads ? (instruction.Operands[0], instruction.Operands[1]) : (instruction.Operands[1], instruction.Operands[0]);
        if (place is not AddressOperand { Register: null, Symbol: not null } found) return false;
        address = found;
        return true;
    }

    private void Examine(PtxInstruction instruction)
    {
        if (IsAccess(instruction, out AddressOperand address, out PtxOperand values) && slots.Contains(address.Symbol!))
        {
            int bytes = instruction.Type.Bytes();
            PtxOperand[] elements = values is VectorOperand vector ? vector.Elements : [values];
            for (int e = 0; e < elements.Length; e++)
            {
                (PtxVariable, long) key = (address.Symbol!, address.Offset + e * bytes);
                bool fits = Fits(elements[e], bytes, instruction.Opcode == PtxOpcode.Ld) && address.Offset >= 0 && address.Offset + (e + 1) * bytes <= address.Symbol!.Bytes;
                if (!fits || (pieces.TryGetValue(key, out var known) && known.Bytes != bytes)) slots.Remove(address.Symbol!);
                else pieces[key] = (bytes, null);
            }
            return;
        }
        foreach (PtxOperand operand in instruction.Operands) Forget(operand);
    }

    /// <summary>The value moves in one instruction: registers may be wider than memory, never narrower.</summary>
    private static bool Fits(PtxOperand value, int bytes, bool loads) => value switch
    {
        RegisterOperand register => register.Register.Type != PtxType.Pred && register.Register.Type.Bytes() >= bytes
            && (!register.Register.Type.IsFloat() || register.Register.Type.Bytes() == bytes),
        ImmediateOperand => !loads,
        SinkOperand => loads,
        _ => false,
    };

    /// <summary>A variable whose address is taken stays in memory.</summary>
    private void Forget(PtxOperand operand)
    {
        switch (operand)
        {
            case AddressOperand { Symbol: { } symbol }: slots.Remove(symbol); break;
            case SymbolOperand symbol: slots.Remove(symbol.Variable); break;
            case VectorOperand vector:
                foreach (PtxOperand element in vector.Elements) Forget(element);
                break;
        }
    }

    private void DropOverlapping()
    {
        foreach (IGrouping<PtxVariable, KeyValuePair<(PtxVariable Slot, long Offset), (int Bytes, PtxRegister?)>> slot in pieces.GroupBy(p => p.Key.Slot))
        {
            long end = 0;
            foreach (((_, long offset), (int bytes, _)) in slot.OrderBy(p => p.Key.Offset))
            {
                if (offset < end) slots.Remove(slot.Key);
                end = offset + bytes;
            }
        }
    }

    private void Rewrite()
    {
        var body = new List<PtxStatement>(function.Body.Count);
        foreach (PtxStatement statement in function.Body)
        {
            if (statement is PtxLabel label) label.Index = body.Count;
            if (statement is PtxInstruction instruction && IsAccess(instruction, out AddressOperand address, out PtxOperand values) && slots.Contains(address.Symbol!)) Move(body, instruction, address, values);
            else body.Add(statement);
        }
        function.Body.Clear();
        function.Body.AddRange(body);
        function.Variables.RemoveAll(slots.Contains);
    }

    private void Move(List<PtxStatement> body, PtxInstruction access, AddressOperand address, PtxOperand values)
    {
        int bytes = access.Type.Bytes();
        PtxOperand[] elements = values is VectorOperand vector ? vector.Elements : [values];
        for (int e = 0; e < elements.Length; e++)
        {
            if (elements[e] is SinkOperand) continue;
            PtxOperand held = Piece(address.Symbol!, address.Offset + e * bytes, bytes).Operand;
            (string operation, PtxOperand to, PtxOperand from) = access.Opcode == PtxOpcode.Ld
                ? (Loading(access.Type, ((RegisterOperand)elements[e]).Register.Type.Bits()), elements[e], held)
                : (Storing(bytes, elements[e]), held, Value(elements[e], access.Type));
            body.Add(new PtxInstruction(PtxOperation.Parse(operation), to, from)
            {
                Guard = access.Guard, GuardNegated = access.GuardNegated, Line = access.Line, Location = access.Location,
            });
        }
    }

    private static PtxOperand Value(PtxOperand element, PtxType type) => element is ImmediateOperand immediate ? new ImmediateOperand(PtxImmediates.BitsFor(immediate, type)) : element;

    /// <summary>Memory's bits extended to the register's, by the sign of the access.</summary>
    private static string Loading(PtxType type, int register)
    {
        char sign = type.IsSigned() ? 's' : 'u';
        return type.Bits() == register ? $"mov.b{register}" : $"cvt.{sign}{register}.{sign}{type.Bits()}";
    }

    private static string Storing(int bytes, PtxOperand value)
    {
        int piece = Math.Max(bytes * 8, 16);
        return value is RegisterOperand register && register.Register.Type.Bits() > piece ? $"cvt.u{piece}.u{register.Register.Type.Bits()}" : $"mov.b{piece}";
    }

    /// <summary>A single byte lies in the lower half of a 16-bit register.</summary>
    private PtxRegister Piece(PtxVariable slot, long offset, int bytes)
    {
        if (pieces[(slot, offset)].Register is { } known) return known;
        var group = new PtxRegisterGroup { Prefix = $"%slot{++made}", Type = bytes switch { 8 => PtxType.B64, 4 => PtxType.B32, _ => PtxType.B16 } };
        function.RegisterGroups.Add(group);
        PtxRegister register = group.Get(0, function.Registers);
        pieces[(slot, offset)] = (bytes, register);
        return register;
    }
}
