namespace MmKernels.Ptx;

/// <summary>Every error of this floor: MMK100 to MMK199.</summary>
internal static class PtxErrors
{
    public static MmkException Syntax(int line, string problem)
        => new(100, $"PTX line {line}: {problem}", "Compare the line, and the end of the one before it, with the PTX ISA's grammar");

    public static MmkException Literal(int line, string problem)
        => new(101, $"PTX line {line}: {problem}", "Write integers as 10, 0x1F or 0b101, floats as 0f and eight or 0d and sixteen hex digits");

    public static MmkException Name(int line, string problem)
        => new(102, $"PTX line {line}: {problem}", "Declare every register, variable, label and function once, before its use and in its scope");

    public static MmkException Opcode(int line, string problem)
        => new(103, $"PTX line {line}: {problem}", "Look up the forms of the instruction in the PTX ISA; newer ones need a higher .version or .target");

    public static MmkException Operands(int line, string problem)
        => new(104, $"PTX line {line}: {problem}", "Look up the number and kinds of operands in the PTX ISA");

    public static MmkException Type(int line, string problem)
        => new(105, $"PTX line {line}: {problem}", "Use registers of the instruction's type and width; mov.b and cvt go between types");

    public static MmkException Module(int line, string problem)
        => new(106, $"PTX line {line}: {problem}", "A module begins with .version, .target and .address_size 64");

    public static MmkException Unsupported(int line, string problem) => new(107, $"PTX line {line}: {problem}", "No executor of this library runs it");

    public static MmkException TooLarge(int line, string problem)
        => new(108, $"PTX line {line}: {problem}", "Split the module or the function");

    public static MmkException Builder(string problem) => new(110, problem);
}
