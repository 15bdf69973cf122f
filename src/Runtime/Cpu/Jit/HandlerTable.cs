using System.Runtime.InteropServices;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// The interpreter's handlers for instructions that have no form of their own in generated code: operands go into the rows of a warp that
/// belongs to the worker, the handler runs, results are read from the rows.
/// </summary>
internal sealed unsafe class HandlerTable(Func<Program> interpreted)
{
    private const int CarryPredicate = 1;
    private Dictionary<PtxInstruction, int>? ops;

    /// <summary>The decoded kernel; null until an instruction needed it.</summary>
    public Program? Program { get; private set; }

    /// <summary>Number of an instruction's handler.</summary>
    /// <exception cref="NotCompilableException">The interpreter cannot decode the kernel, or the instruction is more than a handler.</exception>
    public int Find(Instr instruction)
    {
        if (ops is null)
        {
            try { Program = interpreted(); }
            catch (MmkException e) { throw new NotCompilableException(instruction.Line, e.Problem); }
            ops = [];
            List<PtxStatement> body = Program.EntryFunction.Body;
            for (int i = 0; i < body.Count; i++)
                if (body[i] is PtxInstruction known) ops[known] = Program.Entry.StatementOps[i];
        }
        int op = ops[instruction.Source];
        if (Program!.Entry.Ops[op] is not { Kind: OpKind.Plain or OpKind.Synchronous } found || found.Run == null)
            throw new NotCompilableException(instruction.Line, $"`{instruction.Operation.Text}`");
        return op;
    }

    /// <summary>Row of a register, or number of a predicate.</summary>
    public int PlaceOf(Reg register) => register.Source is { } source ? Program!.Entry.Places[source.Index] : CarryPredicate;

    /// <summary>Runs a handler; called from generated code.</summary>
    public static void Run(LaunchContext* context, int op, uint lanes)
        => ((BlockRunner)GCHandle.FromIntPtr(context->Runner).Target!).Handle(op, lanes);
}
