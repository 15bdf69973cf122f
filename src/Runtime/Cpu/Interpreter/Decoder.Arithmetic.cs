using MmKernels.Ptx;
using unsafe Handler = delegate*<MmKernels.Runtime.Cpu.Interpreter.Warp, ref MmKernels.Runtime.Cpu.Interpreter.Op, uint, void>;

namespace MmKernels.Runtime.Cpu.Interpreter;

internal sealed unsafe partial class Decoder
{
    private void Arithmetic(PtxInstruction instruction)
    {
        PtxOperation operation = instruction.Operation;
        int sources = instruction.Operands.Length - 1;
        if (operation.Opcode is PtxOpcode.Mapa or PtxOpcode.Getctarank or PtxOpcode.CvtPack or PtxOpcode.TensormapReplace or > PtxOpcode.CpAsyncWaitGroup) throw Unsupported(instruction, $"opcode `{operation.Row.Mnemonic}`");
        Require(instruction, 2);
        ref Op op = ref Add(instruction);
        switch (operation.Opcode)
        {
            case PtxOpcode.Addc or PtxOpcode.Subc or PtxOpcode.Madc:
            case PtxOpcode.Add or PtxOpcode.Sub or PtxOpcode.Mad when operation.CarryOut:
                Sources(ref op, instruction, sources, operation.Type);
                op.Run = &BitOps.Carry;
                return;
            case PtxOpcode.Mul or PtxOpcode.Mad when operation.Product == PtxProduct.Wide:
                Sources(ref op, instruction, 2, operation.Type);
                if (operation.Opcode == PtxOpcode.Mad) op.C = Source(instruction.Operands[3], Wide(operation.Type), instruction);
                op.Run = WideProduct(operation);
                return;
            case PtxOpcode.Shl or PtxOpcode.Shr:
                Destinations(ref op, instruction.Operands[0], instruction);
                op.A = Source(instruction.Operands[1], operation.Type, instruction);
                op.B = Source(instruction.Operands[2], PtxType.U32, instruction);
                op.Run = Integer(operation);
                return;
            case PtxOpcode.Slct or PtxOpcode.Dp2a or PtxOpcode.Dp4a:
                Sources(ref op, instruction, 2, operation.Type);
                op.C = Source(instruction.Operands[3], operation.Opcode == PtxOpcode.Slct ? operation.SourceType : PtxType.B32, instruction);
                op.Run = &BitOps.General;
                return;
            case PtxOpcode.Lop3:
                Sources(ref op, instruction, 3, operation.Type);
                op.Immediate = instruction.Operands is [.., ImmediateOperand table] ? (long)table.Bits : throw Unsupported(instruction, "a lop3 table that is no constant");
                op.Run = &BitOps.General;
                return;
            case PtxOpcode.Bfi:
                Require(instruction, 5);
                Sources(ref op, instruction, 3, operation.Type);
                op.Rows = [Source(instruction.Operands[4], PtxType.U32, instruction)];
                op.Run = &BitOps.General;
                return;
            case PtxOpcode.Bfe or PtxOpcode.Prmt or PtxOpcode.Shf or PtxOpcode.Mul24 or PtxOpcode.Mad24 or PtxOpcode.Bmsk or PtxOpcode.Szext or PtxOpcode.Fns:
                Sources(ref op, instruction, Math.Min(3, sources), operation.Type);
                op.Run = &BitOps.General;
                return;
            case >= PtxOpcode.VideoAdd and <= PtxOpcode.VideoSet:
                Sources(ref op, instruction, 3, PtxType.B32);
                op.Run = &BitOps.General;
                return;
        }
        if (sources > 3) throw Unsupported(instruction, "this form");
        Sources(ref op, instruction, sources, operation.Type);
        op.Run = operation.Type.IsFloat() ? Float(operation) : Integer(operation);
        if (op.Run == null) throw Unsupported(instruction, $"opcode {operation.Text}");
    }

    private static PtxType Wide(PtxType type) => type switch
    {
        PtxType.U16 => PtxType.U32,
        PtxType.S16 => PtxType.S32,
        PtxType.U32 => PtxType.U64,
        _ => PtxType.S64,
    };

    private static Handler WideProduct(PtxOperation operation) => (operation.Type, operation.Opcode) switch
    {
        (PtxType.U16, PtxOpcode.Mul) => &LaneOps.Binary<ushort, uint, BitOps.WideU16>,
        (PtxType.S16, PtxOpcode.Mul) => &LaneOps.Binary<short, int, BitOps.WideS16>,
        (PtxType.U32, PtxOpcode.Mul) => &LaneOps.Binary<uint, ulong, BitOps.WideU32>,
        (_, PtxOpcode.Mul) => &LaneOps.Binary<int, long, BitOps.WideS32>,
        (PtxType.U16, _) => &LaneOps.Ternary<ushort, uint, uint, BitOps.MadWideU16>,
        (PtxType.S16, _) => &LaneOps.Ternary<short, int, int, BitOps.MadWideS16>,
        (PtxType.U32, _) => &LaneOps.Ternary<uint, ulong, ulong, BitOps.MadWideU32>,
        _ => &LaneOps.Ternary<int, long, long, BitOps.MadWideS32>,
    };

    private static Handler Integer(PtxOperation operation) => operation.Type switch
    {
        PtxType.B16 or PtxType.U16 => IntegerOps<ushort>.Find(operation),
        PtxType.S16 => IntegerOps<short>.Find(operation),
        PtxType.B32 or PtxType.U32 => IntegerOps<uint>.Find(operation),
        PtxType.S32 => IntegerOps<int>.Find(operation),
        PtxType.B64 or PtxType.U64 => IntegerOps<ulong>.Find(operation),
        PtxType.S64 => IntegerOps<long>.Find(operation),
        _ => null,
    };

    private static Handler Float(PtxOperation operation)
    {
        Handler fast = operation.Type switch
        {
            PtxType.F32 => FloatOps<float>.Find(operation),
            PtxType.F64 => FloatOps<double>.Find(operation),
            _ => null,
        };
        if (fast != null) return fast;
        if (operation.Type is PtxType.F32 && !operation.Ftz && operation.Approx)
            switch (operation.Opcode)
            {
                case PtxOpcode.Ex2: return &LaneOps.Unary<float, float, Ex2>;
                case PtxOpcode.Rsqrt: return &LaneOps.Unary<float, float, Rsqrt>;
            }
        return operation.Opcode is PtxOpcode.Add or PtxOpcode.Sub or PtxOpcode.Mul or PtxOpcode.Fma or PtxOpcode.Mad or PtxOpcode.Div or PtxOpcode.Rcp or PtxOpcode.Sqrt
            or PtxOpcode.Rsqrt or PtxOpcode.Ex2 or PtxOpcode.Lg2 or PtxOpcode.Sin or PtxOpcode.Cos or PtxOpcode.Tanh or PtxOpcode.Abs or PtxOpcode.Neg or PtxOpcode.Min or PtxOpcode.Max
            ? &FloatSlow.Arithmetic : null;
    }

    private readonly struct Ex2 : IUnary<float, float> { public static float Do(float a) => PtxMath.Ex2(a); }

    private readonly struct Rsqrt : IUnary<float, float> { public static float Do(float a) => PtxMath.Rsqrt(a); }

    private void PredicateLogic(PtxInstruction instruction)
    {
        ref Op op = ref Add(instruction);
        op.P = Predicate(instruction.Operands[0], instruction);
        op.Q = Predicate(instruction.Operands[1], instruction);
        if (instruction.Operands.Length > 2) op.R = Predicate(instruction.Operands[2], instruction);
        op.Run = &BitOps.Predicate;
    }

    private void Setp(PtxInstruction instruction)
    {
        Require(instruction, 3);
        PtxOperation operation = instruction.Operation;
        ref Op op = ref Add(instruction);
        if (instruction.Operands[0] is PairOperand pair)
        {
            op.P = Predicate(pair.First, instruction);
            op.Q = Predicate(pair.Second, instruction);
        }
        else op.P = Predicate(instruction.Operands[0], instruction);
        op.A = Source(instruction.Operands[1], operation.Type, instruction);
        op.B = Source(instruction.Operands[2], operation.Type, instruction);
        if (instruction.Operands.Length > 3) op.R = Predicate(instruction.Operands[3], instruction);
        op.Immediate = CombineCode(operation.Reduction);
        bool unsigned = operation.Compare is PtxCompare.Lo or PtxCompare.Ls or PtxCompare.Hi or PtxCompare.Hs;
        op.Run = operation.Type switch
        {
            PtxType.F32 when !operation.Ftz => FloatOps<float>.FindCompare(operation.Compare),
            PtxType.F64 => FloatOps<double>.FindCompare(operation.Compare),
            PtxType.B16 or PtxType.U16 => IntegerOps<ushort>.FindCompare(operation.Compare),
            PtxType.S16 => unsigned ? IntegerOps<ushort>.FindCompare(operation.Compare) : IntegerOps<short>.FindCompare(operation.Compare),
            PtxType.B32 or PtxType.U32 => IntegerOps<uint>.FindCompare(operation.Compare),
            PtxType.S32 => unsigned ? IntegerOps<uint>.FindCompare(operation.Compare) : IntegerOps<int>.FindCompare(operation.Compare),
            PtxType.B64 or PtxType.U64 => IntegerOps<ulong>.FindCompare(operation.Compare),
            PtxType.S64 => unsigned ? IntegerOps<ulong>.FindCompare(operation.Compare) : IntegerOps<long>.FindCompare(operation.Compare),
            _ => &FloatSlow.Compare,
        };
        if (op.Run == null) throw Unsupported(instruction, "this comparison of integers");
    }

    private void Mov(PtxInstruction instruction)
    {
        Require(instruction, 2);
        PtxOperation operation = instruction.Operation;
        (PtxOperand to, PtxOperand from) = (instruction.Operands[0], instruction.Operands[1]);
        ref Op op = ref Add(instruction);
        if (operation.Type == PtxType.Pred)
        {
            op.P = Predicate(to, instruction);
            op.Q = Predicate(from, instruction);
            op.Run = &BitOps.Predicate;
            return;
        }
        if (operation.Type == PtxType.B128) throw Unsupported(instruction, "128-bit registers");
        if (to is VectorOperand parts)
        {
            op.A = Source(from, operation.Type, instruction);
            op.Rows = Array.ConvertAll(parts.Elements, e => e is SinkOperand ? -1 : Destination(e, instruction));
            op.Bytes = operation.Type.Bytes() / parts.Elements.Length;
            op.Run = &BitOps.Unpack;
            return;
        }
        op.D = Destination(to, instruction);
        op.Immediate = KeepBits(operation.Type);
        op.Run = &LaneOps.Move;
        switch (from)
        {
            case VectorOperand vector:
                op.Bytes = operation.Type.Bytes() / vector.Elements.Length;
                PtxType part = op.Bytes switch { 1 => PtxType.B8, 2 => PtxType.B16, _ => PtxType.B32 };
                op.Rows = Array.ConvertAll(vector.Elements, e => Source(e, part, instruction));
                op.Run = &BitOps.Pack;
                break;
            case SpecialRegisterOperand special when IsClock(special.Register):
                op.Immediate = (long)special.Register;
                op.Run = &WarpOps.Clock;
                op.Kind = OpKind.Plain;
                break;
            case SymbolOperand symbol when code.FrameOffsets.TryGetValue(symbol.Variable, out int offset):
                op.Immediate = offset + symbol.Offset;
                op.Run = &MemoryOps.FrameAddress;
                break;
            default:
                op.A = Source(from, operation.Type, instruction);
                break;
        }
    }
}
