namespace MmKernels.Compiler.Ir;

/// <summary>A PTX instruction that the IR knows nothing about but its operands.</summary>
/// <param name="Operation">Opcode and modifiers.</param>
/// <param name="Operands">
/// How they are written: <c>o</c> the next result, <c>i</c> the next argument, <c>a</c> the next argument as an address, braces around vectors, commas between
/// operands, numbers as they are.
/// </param>
/// <param name="Results">Types of the results, which are read by <see cref="Op.Extract"/>.</param>
internal sealed record AsmTemplate(string Operation, string Operands, IrType[] Results)
{
    public override string ToString() => $"{Operation} {Operands}";
}
