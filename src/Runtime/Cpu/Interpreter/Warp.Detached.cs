namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Use of a warp's registers without a block: generated code runs single instructions through their handlers.</summary>
internal sealed unsafe partial class Warp
{
    /// <summary>Makes the rows those of a program's entry; for instructions that touch registers only.</summary>
    public void Attach(Program program)
    {
        Reserve(program.Entry.Rows, program.Entry.Predicates);
        Banks[0] = rows;
        Banks[1] = program.Constants;
        Predicates = predicates;
        predicates[0] = 0;
    }
}
