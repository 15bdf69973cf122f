namespace MmKernels.Ptx;

/// <summary>
/// Checks what the parser does not: count, kind, type and space of every operand, as ptxas does, and that version and target have the instruction.
/// </summary>
public static class PtxVerifier
{
    /// <exception cref="MmkException">MMK102 to MMK107: line and reason of the first fault.</exception>
    public static void Verify(PtxModule module)
    {
        foreach (PtxFunction function in module.Functions)
            foreach (PtxStatement statement in function.Body)
                if (statement is PtxInstruction instruction) Verify(module, function, instruction);
    }

    private static void Verify(PtxModule module, PtxFunction function, PtxInstruction instruction)
    {
        IsaRow row = instruction.Operation.Row;
        if (instruction.Guard is { } guard && guard.Type != PtxType.Pred)
            throw PtxErrors.Type(instruction.Line, $"the guard `{guard}` is a .{guard.Type.Name()} register where a predicate is needed");
        if (module.SmVersion < row.Sm) throw PtxErrors.Opcode(instruction.Line, $"`{instruction.Operation}` needs sm_{row.Sm}, the target is {module.Target}");
        if (module.Version < new PtxVersion(row.Version / 10, row.Version % 10))
            throw PtxErrors.Opcode(instruction.Line, $"`{instruction.Operation}` needs .version {row.Version / 10}.{row.Version % 10}, the file has {module.Version}");
        if (instruction.Opcode == PtxOpcode.Call) CallVerifier.Verify(module, function, instruction);
        else if (instruction.Opcode == PtxOpcode.Mov) MovVerifier.Verify(instruction);
        else Operands(instruction, row.Patterns);
        Values(function, instruction);
    }

    /// <summary>Matches operands with patterns; where optional ones are absent, any choice that fits will do.</summary>
    private static void Operands(PtxInstruction instruction, OperandPattern[] patterns)
    {
        bool open = patterns.Length > 0 && patterns[^1].Kind == "*";
        if (open) patterns = patterns[..^1];
        int count = instruction.Operands.Length, required = patterns.Count(p => !p.Optional);
        if (count < required || (!open && count > patterns.Length))
            throw PtxErrors.Operands(instruction.Line, $"`{instruction}`: {count} operands where {Expected(required, patterns.Length, open)} are needed");
        int absent = Math.Max(0, patterns.Length - count);
        if (absent == 0)
        {
            Match(instruction, patterns);
            return;
        }
        MmkException? first = null;
        // At most two patterns of a form are optional: drop the last ones, else others.
        for (int skip = 0; skip <= patterns.Count(p => p.Optional) - absent; skip++)
        {
            try
            {
                Match(instruction, Without(patterns, absent, skip));
                return;
            }
            catch (MmkException e) { first ??= e; }
        }
        throw first!;
    }

    private static OperandPattern[] Without(OperandPattern[] patterns, int absent, int skip)
    {
        var kept = new List<OperandPattern>(patterns);
        for (int i = kept.Count - 1; i >= 0 && absent > 0; i--)
        {
            if (!kept[i].Optional || skip-- > 0) continue;
            kept.RemoveAt(i);
            absent--;
        }
        return [.. kept];
    }

    private static string Expected(int least, int most, bool open) => open ? $"at least {least}" : least == most ? $"{least}" : $"{least} to {most}";

    private static void Match(PtxInstruction instruction, OperandPattern[] patterns)
    {
        for (int i = 0; i < patterns.Length; i++) OperandVerifier.Match(instruction, instruction.Operands[i], patterns[i], i);
    }

    /// <summary>Constants with a range of their own.</summary>
    private static void Values(PtxFunction function, PtxInstruction instruction)
    {
        switch (instruction.Opcode)
        {
            case PtxOpcode.BarSync or PtxOpcode.BarArrive or PtxOpcode.BarRed:
                int barrier = instruction.Opcode == PtxOpcode.BarRed ? 1 : 0;
                if (instruction.Operands[barrier] is ImmediateOperand { Bits: > 15 } id)
                    throw PtxErrors.Operands(instruction.Line, $"barrier {id} is not between 0 and 15");
                if (instruction.Operands.Length > barrier + 1 && instruction.Operands[barrier + 1] is ImmediateOperand threads && (threads.Bits == 0 || threads.Bits % 32 != 0))
                    throw PtxErrors.Operands(instruction.Line, $"the barrier's thread count {threads} is not a multiple of 32");
                break;
            case PtxOpcode.CpAsync:
                bool bypass = instruction.Operation.Has("cg");
                if (instruction.Operands[2] is ImmediateOperand size && (bypass ? size.Bits != 16 : size.Bits is not (4 or 8 or 16)))
                    throw PtxErrors.Operands(instruction.Line, $"`{instruction.Operation}` copies {(bypass ? "16" : "4, 8 or 16")} bytes, not {size}");
                break;
            case PtxOpcode.Ld or PtxOpcode.St when instruction.Operation.Vector * instruction.Type.Bytes() > 32:
                throw PtxErrors.Operands(instruction.Line, $"`{instruction.Operation}` moves more than 32 bytes");
            case PtxOpcode.St when function.IsEntry && instruction.Operands[0] is AddressOperand { Symbol: { Space: PtxSpace.Param } parameter } && function.Parameters.Contains(parameter):
                throw PtxErrors.Operands(instruction.Line, $"the parameter `{parameter}` of an entry cannot be written");
        }
    }
}
