namespace MmKernels.Ptx;

/// <summary>Every error of this floor: MMK100 to MMK199.</summary>
internal static class PtxErrors
{
    public static MmkException Syntax(int line, string problem) => new(100, $"PTX line {line}: {problem}");

    public static MmkException Literal(int line, string problem) => new(101, $"PTX line {line}: {problem}");

    public static MmkException Name(int line, string problem) => new(102, $"PTX line {line}: {problem}");

    public static MmkException Opcode(int line, string problem) => new(103, $"PTX line {line}: {problem}");

    public static MmkException Operands(int line, string problem) => new(104, $"PTX line {line}: {problem}");

    public static MmkException Type(int line, string problem) => new(105, $"PTX line {line}: {problem}");

    public static MmkException Module(int line, string problem) => new(106, $"PTX line {line}: {problem}");

    public static MmkException Unsupported(int line, string problem) => new(107, $"PTX line {line}: {problem}", "No executor of this library runs it");

    public static MmkException TooLarge(int line, string problem) => new(108, $"PTX line {line}: {problem}");

    public static MmkException Builder(string problem) => new(110, problem);
}
