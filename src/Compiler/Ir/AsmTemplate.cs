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

/// <summary>Inline PTX in the kernel's own words.</summary>
/// <param name="Text">With %0, %1 .. for the operands.</param>
/// <param name="Types">Types of the operands.</param>
/// <param name="Results">How many of the operands, the first ones, are written; they are read by <see cref="Op.Extract"/>.</param>
/// <param name="ReadsResults">Whether the arguments start with the results' values from before.</param>
internal sealed record AsmText(string Text, IrType[] Types, int Results, bool ReadsResults)
{
    public override string ToString() => Text;
}
