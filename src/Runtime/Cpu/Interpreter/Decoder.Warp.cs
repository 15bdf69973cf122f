using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

internal sealed unsafe partial class Decoder
{
    /// <summary>Branches, calls, barriers and ends; false for anything else.</summary>
    private bool DecodeControl(PtxInstruction instruction)
    {
        PtxOperand[] operands = instruction.Operands;
        switch (instruction.Opcode)
        {
            case PtxOpcode.Bra:
                Require(instruction, 1);
                branches.Add((count, ((LabelOperand)operands[0]).Label));
                Add(instruction).Kind = OpKind.Branch;
                return true;
            case PtxOpcode.BrxIdx:
                Require(instruction, 2);
                if (function.Body[((LabelOperand)operands[1]).Label.Index] is not PtxBranchTargets table) throw Unsupported(instruction, "a label that is no .branchtargets");
                tables.Add((count, table.Targets));
                ref Op indexed = ref Add(instruction);
                indexed.Kind = OpKind.BranchIndexed;
                indexed.A = Source(operands[0], PtxType.U32, instruction);
                return true;
            case PtxOpcode.Ret: Add(instruction).Kind = OpKind.Return; return true;
            case PtxOpcode.Exit: Add(instruction).Kind = OpKind.Exit; return true;
            case PtxOpcode.Trap: Add(instruction).Run = &WarpOps.Trap; return true;
            case PtxOpcode.Brkpt: Add(instruction).Kind = OpKind.Nothing; return true;
            case PtxOpcode.Nanosleep:
                ref Op sleep = ref Add(instruction);
                sleep.Kind = OpKind.Yield;
                sleep.Run = &YieldNow;
                return true;
            case PtxOpcode.Call: Call(instruction); return true;
            case PtxOpcode.BarSync or PtxOpcode.BarArrive:
                Require(instruction, 1);
                ref Op bar = ref Add(instruction);
                bar.Kind = instruction.Opcode == PtxOpcode.BarSync ? OpKind.Barrier : OpKind.BarrierArrive;
                bar.Immediate = Aligned(instruction.Operation);
                bar.A = Source(operands[0], PtxType.U32, instruction);
                if (operands.Length > 1) bar.B = Source(operands[1], PtxType.U32, instruction);
                return true;
            case PtxOpcode.BarRed:
                Require(instruction, 3);
                ref Op reduce = ref Add(instruction);
                reduce.Kind = OpKind.BarrierReduce;
                reduce.Immediate = Aligned(instruction.Operation);
                Destinations(ref reduce, operands[0], instruction);
                reduce.A = Source(operands[1], PtxType.U32, instruction);
                if (operands.Length > 3) reduce.B = Source(operands[2], PtxType.U32, instruction);
                reduce.P = Predicate(operands[^1], instruction);
                return true;
            // One block is a whole cluster.
            case PtxOpcode.BarrierClusterArrive: Add(instruction).Kind = OpKind.Nothing; return true;
            case PtxOpcode.BarrierClusterWait:
                ref Op cluster = ref Add(instruction);
                cluster.Kind = OpKind.Barrier;
                cluster.A = Op.Constants + program.ConstantRow(15);
                return true;
            default: return false;
        }
    }

    /// <summary>1 where all live lanes of a warp must come together: bar, and barrier.aligned.</summary>
    private static int Aligned(PtxOperation operation) => operation.Row.Mnemonic.StartsWith("bar.") || operation.Has("aligned") ? 1 : 0;

    private static void YieldNow(Warp warp, ref Op op, uint mask) => warp.YieldRequested = true;

    private void Call(PtxInstruction instruction)
    {
        Require(instruction, 3);
        ref Op op = ref Add(instruction);
        op.Kind = OpKind.Call;
        CallValue[] returns = Array.ConvertAll(((ListOperand)instruction.Operands[0]).Elements, e => Value(e, instruction));
        CallValue[] arguments = Array.ConvertAll(((ListOperand)instruction.Operands[2]).Elements, e => Value(e, instruction));
        foreach (PtxOperand result in ((ListOperand)instruction.Operands[0]).Elements)
            if (result is not (SymbolOperand or RegisterOperand)) throw Unsupported(instruction, $"a return into `{result}`");
        int index = count - 1;
        Code? target = null;
        if (instruction.Operands[1] is FunctionOperand name)
        {
            PtxFunction? called = program.Module.FindFunction(name.Name);
            if (called is not { HasBody: true })
            {
                // Such calls often stand behind a branch that is never taken; reaching one is the error.
                op.Kind = OpKind.Plain;
                op.Run = &CallsUndefined;
                return;
            }
            target = program.Decode(called);
        }
        else
        {
            ops[index].A = Source(instruction.Operands[1], PtxType.B64, instruction);
            program.AssumeRecursion();
            foreach (PtxFunction possible in Reach.Functions(program.Module, program.EntryFunction))
                if (!possible.IsEntry) program.Decode(possible);
        }
        ops[index].Data = new CallSite(target, arguments, returns);
    }

    private static void CallsUndefined(Warp warp, ref Op op, uint mask) => throw warp.Fault(ref op, "the function is declared but not defined in this module");

    private CallValue Value(PtxOperand operand, PtxInstruction instruction)
        => operand is SymbolOperand symbol && code.FrameOffsets.TryGetValue(symbol.Variable, out int offset)
            ? new CallValue(offset, (int)symbol.Variable.Bytes, -1)
            : new CallValue(-1, 8, Source(operand, PtxType.B64, instruction));

    /// <summary>Instructions across lanes and matrices; false for anything else.</summary>
    private bool DecodeWarp(PtxInstruction instruction)
    {
        PtxOperation operation = instruction.Operation;
        PtxOperand[] operands = instruction.Operands;
        int everyone = Op.Constants + program.ConstantRow(uint.MaxValue);
        switch (operation.Opcode)
        {
            case PtxOpcode.ShflSync or PtxOpcode.Shfl:
                Require(instruction, operation.Opcode == PtxOpcode.ShflSync ? 5 : 4);
                ref Op shuffle = ref Add(instruction);
                Destinations(ref shuffle, operands[0], instruction);
                shuffle.A = Source(operands[1], PtxType.B32, instruction);
                shuffle.B = Source(operands[2], PtxType.B32, instruction);
                shuffle.Rows = [Source(operands[3], PtxType.B32, instruction)];
                shuffle.C = operation.Opcode == PtxOpcode.ShflSync ? Source(operands[4], PtxType.B32, instruction) : -1;
                shuffle.Kind = operation.Opcode == PtxOpcode.ShflSync ? OpKind.Synchronous : OpKind.Plain;
                shuffle.Run = &WarpOps.Shuffle;
                return true;
            case PtxOpcode.VoteSync or PtxOpcode.Vote:
                Require(instruction, operation.Opcode == PtxOpcode.VoteSync ? 3 : 2);
                ref Op vote = ref Add(instruction);
                Destinations(ref vote, operands[0], instruction);
                vote.P = Predicate(operands[1], instruction);
                if (operation.Opcode == PtxOpcode.VoteSync)
                {
                    vote.C = Source(operands[2], PtxType.B32, instruction);
                    vote.Kind = OpKind.Synchronous;
                }
                vote.Run = &WarpOps.Vote;
                return true;
            case PtxOpcode.MatchSync or PtxOpcode.ReduxSync:
                Require(instruction, 3);
                ref Op match = ref Add(instruction);
                Destinations(ref match, operands[0], instruction);
                match.A = Source(operands[1], operation.Type, instruction);
                match.C = Source(operands[2], PtxType.B32, instruction);
                match.Kind = OpKind.Synchronous;
                match.Run = operation.Opcode == PtxOpcode.MatchSync ? &WarpOps.Match : &WarpOps.Reduce;
                return true;
            case PtxOpcode.BarWarpSync:
                Require(instruction, 1);
                ref Op sync = ref Add(instruction);
                sync.C = Source(operands[0], PtxType.B32, instruction);
                sync.Kind = OpKind.Synchronous;
                return true;
            case PtxOpcode.ElectSync:
                Require(instruction, 2);
                ref Op elect = ref Add(instruction);
                Destinations(ref elect, operands[0], instruction);
                elect.C = Source(operands[1], PtxType.B32, instruction);
                elect.Kind = OpKind.Synchronous;
                elect.Run = &WarpOps.Elect;
                return true;
            case PtxOpcode.Activemask:
                ref Op active = ref Add(instruction);
                active.D = Destination(operands[0], instruction);
                active.Run = &WarpOps.ActiveMask;
                return true;
            case PtxOpcode.Movmatrix:
                ref Op transpose = ref Add(instruction);
                Sources(ref transpose, instruction, 1, PtxType.B32);
                transpose.Kind = OpKind.Synchronous;
                transpose.C = everyone;
                transpose.Run = &MatrixOps.Transpose;
                return true;
            case PtxOpcode.Mma: Mma(instruction, everyone); return true;
            case PtxOpcode.WmmaLoad or PtxOpcode.WmmaStore: WmmaMemory(instruction, everyone); return true;
            case PtxOpcode.WmmaMma: WmmaMultiply(instruction, everyone); return true;
            default: return false;
        }
    }

    /// <summary>wmma.load r, [a], stride and wmma.store [a], r, stride; the stride may be absent.</summary>
    private void WmmaMemory(PtxInstruction instruction, int everyone)
    {
        Require(instruction, 2);
        PtxOperand[] operands = instruction.Operands;
        bool stores = instruction.Opcode == PtxOpcode.WmmaStore;
        if (operands[stores ? 1 : 0] is not VectorOperand registers) throw Unsupported(instruction, "a fragment that is no vector");
        var fragment = WmmaFragment.Of(instruction.Operation, instruction.Operation.Modifiers[0]);
        if (registers.Elements.Length * fragment.PerRegister < fragment.PerLane) throw Unsupported(instruction, $"a fragment of {registers.Elements.Length} registers");
        ref Op op = ref Add(instruction);
        Address(ref op, operands[stores ? 0 : 1], instruction);
        op.Rows = Array.ConvertAll(registers.Elements, e => stores ? Source(e, PtxType.B32, instruction) : Destination(e, instruction));
        if (operands.Length > 2) op.B = Source(operands[2], PtxType.U32, instruction);
        op.Data = fragment;
        op.Kind = OpKind.Synchronous;
        op.C = everyone;
        op.Run = stores ? &WmmaOps.Store : &WmmaOps.Load;
    }

    private void WmmaMultiply(PtxInstruction instruction, int everyone)
    {
        Require(instruction, 4);
        WmmaFragment[] fragments = WmmaFragment.OfProduct(instruction.Operation) ?? throw Unsupported(instruction, "these types");
        var rows = new List<int>();
        var counts = new int[4];
        for (int i = 0; i < 4; i++)
        {
            if (instruction.Operands[i] is not VectorOperand registers || registers.Elements.Length * fragments[i].PerRegister < fragments[i].PerLane)
                throw Unsupported(instruction, $"the fragment `{instruction.Operands[i]}`");
            counts[i] = registers.Elements.Length;
            foreach (PtxOperand element in registers.Elements) rows.Add(i == 0 ? Destination(element, instruction) : Source(element, PtxType.B32, instruction));
        }
        ref Op op = ref Add(instruction);
        op.Rows = [.. rows];
        (op.Bytes, op.Target) = (counts[1], counts[2]);
        op.Data = fragments;
        op.Kind = OpKind.Synchronous;
        op.C = everyone;
        op.Run = &WmmaOps.Multiply;
    }

    private void Mma(PtxInstruction instruction, int everyone)
    {
        Require(instruction, 4);
        PtxOperation operation = instruction.Operation;
        if (operation.Type == PtxType.F16 && operation.Shape is (8, 8, 4) || operation.Types[1] == PtxType.F16 && operation.Shape is (8, 8, 4)) throw Unsupported(instruction, "the m8n8k4 shape of f16");
        int[] wanted = MmaFragments.Registers(operation);
        var rows = new List<int>();
        for (int i = 0; i < 4; i++)
        {
            PtxOperand[] elements = instruction.Operands[i] is VectorOperand vector ? vector.Elements : [instruction.Operands[i]];
            if (elements.Length != wanted[i]) throw Unsupported(instruction, $"a fragment of {elements.Length} registers where the shape has {wanted[i]}");
            foreach (PtxOperand element in elements) rows.Add(i == 0 ? Destination(element, instruction) : Source(element, operation.Types[i], instruction));
        }
        ref Op op = ref Add(instruction);
        op.Rows = [.. rows];
        op.Data = wanted;
        op.Kind = OpKind.Synchronous;
        op.C = everyone;
        op.Run = &MatrixOps.Multiply;
    }
}
