namespace MmKernels.Dialect;

/// <summary>A one-dimensional index.</summary>
public readonly struct Index1D(int x)
{
    public int X { get; } = x;

    public static implicit operator int(Index1D index) => index.X;

    public static implicit operator Index1D(int index) => new(index);
}

/// <summary>A two-dimensional index or extent; X varies fastest between neighbouring threads.</summary>
public readonly struct Index2D(int x, int y)
{
    public int X { get; } = x;

    public int Y { get; } = y;

    /// <summary>X · Y.</summary>
    public int Size => X * Y;
}

/// <summary>A three-dimensional index or extent; X varies fastest between neighbouring threads.</summary>
public readonly struct Index3D(int x, int y, int z)
{
    public int X { get; } = x;

    public int Y { get; } = y;

    public int Z { get; } = z;

    /// <summary>X · Y · Z.</summary>
    public int Size => X * Y * Z;
}
