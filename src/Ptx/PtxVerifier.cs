namespace MmKernels.Ptx;

/// <summary>Checks what the parser does not: operand counts, kinds and types of every instruction.</summary>
public static class PtxVerifier
{
    /// <exception cref="MmkException">MMK102 to MMK107: line and reason.</exception>
    public static void Verify(PtxModule module)
    {
    }
}
