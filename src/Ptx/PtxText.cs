namespace MmKernels.Ptx;

/// <summary>PTX text to objects and back. <c>Parse(Print(m))</c> equals <c>m</c> up to comments, blanks and the names of inner scopes.</summary>
public static class PtxText
{
    /// <summary>Reads a module. Names and spellings are checked; types and operands are the verifier's.</summary>
    /// <exception cref="MmkException">MMK100 to MMK108: line and reason.</exception>
    public static PtxModule Parse(string text) => new PtxParser(text).Module();

    /// <summary>Writes a module.</summary>
    public static string Print(PtxModule module) => new PtxPrinter().Print(module);
}
