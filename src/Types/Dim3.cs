namespace MmKernels;

/// <summary>Extent of a grid or a block of threads: x varies fastest.</summary>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>X · Y · Z.</summary>
    public long Count => (long)X * Y * Z;

    public static implicit operator Dim3(int x) => new(x);
}
