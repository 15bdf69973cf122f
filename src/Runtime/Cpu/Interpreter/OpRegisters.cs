using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>The registers that an instruction reads and writes: rows of the frame, and numbers of predicates.</summary>
internal sealed class OpRegisters
{
    private readonly List<int> sources = [], destinations = [], addresses = [], sourcePredicates = [], destinationPredicates = [];

    private OpRegisters(PtxInstruction instruction, int[] places)
    {
        for (int i = 0; i < instruction.Operands.Length; i++) Add(instruction.Operands[i], IsDestination(instruction, i), places);
    }

    public static OpRegisters Of(PtxInstruction instruction, Code code) => new(instruction, code.Places);

    /// <summary>Rows of values that are read, addresses aside.</summary>
    public List<int> Sources => sources;

    public List<int> Destinations => destinations;

    /// <summary>Rows that hold addresses.</summary>
    public List<int> Addresses => addresses;

    public List<int> SourcePredicates => sourcePredicates;

    public List<int> DestinationPredicates => destinationPredicates;

    private static bool IsDestination(PtxInstruction instruction, int index)
    {
        if (instruction.Opcode == PtxOpcode.Mov) return index == 0;
        OperandPattern[] patterns = instruction.Operation.Row.Patterns;
        return index < patterns.Length && patterns[index].Destination;
    }

    private void Add(PtxOperand operand, bool destination, int[] places)
    {
        switch (operand)
        {
            case RegisterOperand register:
                bool predicate = register.Register.Type == PtxType.Pred;
                (destination ? predicate ? destinationPredicates : destinations : predicate ? sourcePredicates : sources).Add(places[register.Register.Index]);
                break;
            case AddressOperand { Register: { } address }: addresses.Add(places[address.Index]); break;
            case VectorOperand vector:
                foreach (PtxOperand element in vector.Elements) Add(element, destination, places);
                break;
            case PairOperand pair:
                Add(pair.First, destination, places);
                Add(pair.Second, destination, places);
                break;
            case ListOperand list:
                foreach (PtxOperand element in list.Elements) Add(element, false, places);
                break;
        }
    }
}
