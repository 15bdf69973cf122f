using MmKernels.Ptx;
using unsafe Handler = delegate*<MmKernels.Runtime.Cpu.Interpreter.Warp, ref MmKernels.Runtime.Cpu.Interpreter.Op, uint, void>;

namespace MmKernels.Runtime.Cpu.Interpreter;

internal sealed unsafe partial class Decoder
{
    /// <summary>Loads, stores, atomics, copies and addresses; false for anything else.</summary>
    private bool DecodeMemory(PtxInstruction instruction)
    {
        PtxOperation operation = instruction.Operation;
        PtxOperand[] operands = instruction.Operands;
        switch (operation.Opcode)
        {
            case PtxOpcode.Ld or PtxOpcode.Ldu:
                Require(instruction, 2);
                ref Op load = ref Add(instruction);
                if (operation.Opcode == PtxOpcode.Ldu && load.Space == PtxSpace.Generic) load.Space = PtxSpace.Generic;
                Address(ref load, operands[1], instruction);
                if (operands[0] is VectorOperand into) load.Rows = Array.ConvertAll(into.Elements, e => e is SinkOperand ? -1 : Destination(e, instruction));
                else load.D = Destination(operands[0], instruction);
                load.Run = load.Rows is null ? Load(operation.Type) : LoadVector(operation.Type);
                if (load.Run == null) throw Unsupported(instruction, $"type .{operation.Type.Name()}");
                // A polling loop must let the lane that it waits for run.
                if (operation.Has("volatile") || operation.Has("relaxed") || operation.Has("acquire")) load.Kind = OpKind.Plain;
                return true;
            case PtxOpcode.St:
                Require(instruction, 2);
                ref Op store = ref Add(instruction);
                Address(ref store, operands[0], instruction);
                if (operands[1] is VectorOperand from) store.Rows = Array.ConvertAll(from.Elements, e => Source(e, operation.Type, instruction));
                else store.B = Source(operands[1], operation.Type, instruction);
                store.Run = store.Rows is null ? Store(operation.Type) : StoreVector(operation.Type);
                if (store.Run == null) throw Unsupported(instruction, $"type .{operation.Type.Name()}");
                return true;
            case PtxOpcode.Atom or PtxOpcode.Red:
                int first = operation.Opcode == PtxOpcode.Atom ? 1 : 0;
                Require(instruction, first + 2);
                ref Op atomic = ref Add(instruction);
                if (first == 1) atomic.D = Destination(operands[0], instruction);
                Address(ref atomic, operands[first], instruction);
                atomic.B = Source(operands[first + 1], operation.Type, instruction);
                if (operation.Reduction == PtxReduction.Cas) atomic.C = Source(operands[first + 2], operation.Type, instruction);
                atomic.Data = Atomics.Function(operation.Reduction, operation.Type) ?? throw Unsupported(instruction, "this atomic");
                atomic.Run = operation.Type.Bytes() switch
                {
                    2 => &MemoryOps.Atomic<ushort>,
                    4 => &MemoryOps.Atomic<uint>,
                    _ => &MemoryOps.Atomic<ulong>,
                };
                return true;
            case PtxOpcode.Cvta:
                Require(instruction, 2);
                ref Op cvta = ref Add(instruction);
                cvta.Immediate = (long)Window(operation.Space);
                bool frame = operands[1] is SymbolOperand local && code.FrameOffsets.ContainsKey(local.Variable);
                if (frame) throw Unsupported(instruction, "the address of a local variable outside mov");
                Sources(ref cvta, instruction, 1, operation.Type);
                cvta.Run = operation.To ? &MemoryOps.FromGeneric : &MemoryOps.ToGeneric;
                return true;
            case PtxOpcode.Isspacep:
                Require(instruction, 2);
                ref Op test = ref Add(instruction);
                test.Q = Predicate(operands[0], instruction);
                test.A = Source(operands[1], PtxType.U64, instruction);
                test.Immediate = (long)Window(operation.Space);
                test.Run = &MemoryOps.IsSpace;
                return true;
            case PtxOpcode.CpAsync: AsyncCopy(instruction); return true;
            case PtxOpcode.CpAsyncBulk: BulkCopy(instruction); return true;
            case PtxOpcode.Prefetch or PtxOpcode.Prefetchu or PtxOpcode.Applypriority or PtxOpcode.Discard or PtxOpcode.Fence or PtxOpcode.Membar
                or PtxOpcode.CpAsyncCommitGroup or PtxOpcode.CpAsyncWaitGroup or PtxOpcode.CpAsyncWaitAll or PtxOpcode.CpAsyncBulkCommitGroup or PtxOpcode.CpAsyncBulkWaitGroup
                or PtxOpcode.CpAsyncBulkPrefetch or PtxOpcode.CpAsyncBulkPrefetchTensor or PtxOpcode.GridDepControl or PtxOpcode.Pmevent or PtxOpcode.Setmaxnreg:
                Add(instruction).Kind = OpKind.Nothing;
                return true;
            case PtxOpcode.CreatePolicy:
                ref Op policy = ref Add(instruction);
                policy.D = Destination(operands[0], instruction);
                policy.A = Op.Constants + program.ConstantRow(0);
                policy.Immediate = -1;
                policy.Run = &LaneOps.Move;
                return true;
            case PtxOpcode.MbarrierPendingCount:
                ref Op pending = ref Add(instruction);
                Sources(ref pending, instruction, 1, PtxType.B64);
                pending.Run = &MbarrierOps.PendingCount;
                return true;
            case >= PtxOpcode.MbarrierArrive and <= PtxOpcode.MbarrierTryWait or PtxOpcode.CpAsyncMbarrierArrive: Mbarrier(instruction); return true;
            case PtxOpcode.Ldmatrix or PtxOpcode.Stmatrix:
                Require(instruction, 2);
                bool stores = operation.Opcode == PtxOpcode.Stmatrix;
                ref Op matrix = ref Add(instruction);
                if (matrix.Space == PtxSpace.Generic) matrix.Space = PtxSpace.Generic;
                Address(ref matrix, operands[stores ? 0 : 1], instruction);
                PtxOperand fragment = operands[stores ? 1 : 0];
                PtxOperand[] registers = fragment is VectorOperand v ? v.Elements : [fragment];
                matrix.Rows = Array.ConvertAll(registers, e => stores ? Source(e, PtxType.B32, instruction) : Destination(e, instruction));
                matrix.Kind = OpKind.Synchronous;
                matrix.C = Op.Constants + program.ConstantRow(uint.MaxValue);
                matrix.Run = stores ? &MatrixOps.Store : &MatrixOps.Load;
                return true;
            default: return false;
        }
    }

    private static ulong Window(PtxSpace space) => space switch
    {
        PtxSpace.Shared => Windows.Shared,
        PtxSpace.Local => Windows.Local,
        PtxSpace.Param => Windows.Param,
        _ => 0,
    };

    /// <summary>cp.async [shared], [global], size[, source size | ignore][, policy].</summary>
    private void AsyncCopy(PtxInstruction instruction)
    {
        Require(instruction, 3);
        PtxOperand[] operands = instruction.Operands;
        ref Op op = ref Add(instruction);
        op.Space = PtxSpace.Shared;
        Address(ref op, operands[0], instruction);
        (op.D, op.Target) = (op.A, checked((int)op.Immediate));
        op.A = -1;
        op.Space = PtxSpace.Global;
        Address(ref op, operands[1], instruction);
        if (operands[2] is not ImmediateOperand { Bits: 4 or 8 or 16 } size) throw Unsupported(instruction, "a size that is not 4, 8 or 16");
        op.Bytes = (int)size.Bits;
        int policies = instruction.Operation.Has("L2::cache_hint") ? 1 : 0;
        if (operands.Length - policies > 3)
        {
            if (operands[3] is RegisterOperand { Register.Type: PtxType.Pred }) op.P = Predicate(operands[3], instruction);
            else op.C = Source(operands[3], PtxType.U32, instruction);
        }
        op.Run = &MemoryOps.AsyncCopy;
    }

    private void BulkCopy(PtxInstruction instruction)
    {
        PtxOperand[] operands = instruction.Operands;
        bool toShared = instruction.Operation.Space == PtxSpace.Shared;
        if (instruction.Operation.Has("multicast::cluster") || (toShared && instruction.Operation.SourceSpace == PtxSpace.Shared))
            throw Unsupported(instruction, "clusters of more than one block");
        Require(instruction, toShared ? 4 : 3);
        ref Op op = ref Add(instruction);
        op.Rows = new int[3];
        Address(ref op, operands[0], instruction);
        (op.D, op.Target, op.A) = (op.A, checked((int)op.Immediate), -1);
        Address(ref op, operands[1], instruction);
        op.B = Source(operands[2], PtxType.U32, instruction);
        if (toShared)
        {
            if (operands[3] is not AddressOperand { Register: { } register } barrier) throw Unsupported(instruction, "a barrier without a register");
            op.C = Op.Registers + Place(register);
            op.Bytes = checked((int)barrier.Offset);
        }
        op.Run = &BulkOps.Copy;
    }

    private void Mbarrier(PtxInstruction instruction)
    {
        PtxOpcode opcode = instruction.Opcode;
        PtxOperand[] operands = instruction.Operands;
        bool waits = opcode is PtxOpcode.MbarrierTestWait or PtxOpcode.MbarrierTryWait;
        bool state = opcode is PtxOpcode.MbarrierArrive or PtxOpcode.MbarrierArriveDrop or PtxOpcode.MbarrierArriveExpectTx;
        int address = operands.Length > 0 && operands[0] is AddressOperand ? 0 : 1;
        Require(instruction, address + 1);
        ref Op op = ref Add(instruction);
        if (op.Space == PtxSpace.Generic) op.Space = PtxSpace.Generic;
        Address(ref op, operands[address], instruction);
        if (waits) op.Q = Predicate(operands[0], instruction);
        else if (state && address == 1 && operands[0] is not SinkOperand) op.D = Destination(operands[0], instruction);
        if (operands.Length > address + 1)
            op.B = Source(operands[address + 1], waits && !instruction.Operation.Has("parity") ? PtxType.B64 : PtxType.U32, instruction);
        op.Run = &MbarrierOps.Run;
        if (waits) op.Kind = OpKind.Yield;
    }

    private static Handler Load(PtxType type) => type switch
    {
        PtxType.B8 or PtxType.U8 => &MemoryOps.Load<byte>,
        PtxType.S8 => &MemoryOps.Load<sbyte>,
        PtxType.S16 => &MemoryOps.Load<short>,
        PtxType.S32 => &MemoryOps.Load<int>,
        _ => type.Bytes() switch { 2 => &MemoryOps.Load<ushort>, 4 => &MemoryOps.Load<uint>, 8 => &MemoryOps.Load<ulong>, _ => null },
    };

    private static Handler LoadVector(PtxType type) => type switch
    {
        PtxType.B8 or PtxType.U8 => &MemoryOps.LoadVector<byte>,
        PtxType.S8 => &MemoryOps.LoadVector<sbyte>,
        PtxType.S16 => &MemoryOps.LoadVector<short>,
        PtxType.S32 => &MemoryOps.LoadVector<int>,
        _ => type.Bytes() switch { 2 => &MemoryOps.LoadVector<ushort>, 4 => &MemoryOps.LoadVector<uint>, 8 => &MemoryOps.LoadVector<ulong>, _ => null },
    };

    private static Handler Store(PtxType type) => type.Bytes() switch
    {
        1 => &MemoryOps.Store<byte>,
        2 => &MemoryOps.Store<ushort>,
        4 => &MemoryOps.Store<uint>,
        8 => &MemoryOps.Store<ulong>,
        _ => null,
    };

    private static Handler StoreVector(PtxType type) => type.Bytes() switch
    {
        1 => &MemoryOps.StoreVector<byte>,
        2 => &MemoryOps.StoreVector<ushort>,
        4 => &MemoryOps.StoreVector<uint>,
        8 => &MemoryOps.StoreVector<ulong>,
        _ => null,
    };
}
