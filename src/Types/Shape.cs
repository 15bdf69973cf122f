namespace MmKernels;

/// <summary>Dimensions of a tensor, outermost first; elements are contiguous in row-major order.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int[]? dims;
    private readonly long? elements;

    /// <summary>A shape from its dimensions, each of which is zero or more; no dimensions make a scalar.</summary>
    /// <exception cref="MmkException">MMK001: a dimension is negative or the element count exceeds 2^63-1.</exception>
    public Shape(params ReadOnlySpan<int> dims)
    {
        long elements = 1;
        foreach (int dim in dims)
        {
            if (dim < 0)
                throw new MmkException(1, $"the shape [{string.Join(", ", dims.ToArray())}] has a negative dimension");
            try { elements = checked(elements * dim); }
            catch (OverflowException) { throw new MmkException(1, $"the shape [{string.Join(", ", dims.ToArray())}] has more than 2^63-1 elements"); }
        }
        this.dims = dims.ToArray();
        this.elements = elements;
    }

    /// <summary>Number of elements: the product of the dimensions.</summary>
    public long Elements => elements ?? 1;

    /// <summary>Number of dimensions.</summary>
    public int Rank => Dims.Length;

    /// <summary>The dimensions, outermost first.</summary>
    public ReadOnlySpan<int> Dims => dims ?? [];

    /// <summary>One dimension; an index from the end counts from the innermost.</summary>
    public int this[Index axis] => Dims[axis];

    public void Deconstruct(out int d0, out int d1) => (d0, d1) = Rank == 2 ? (Dims[0], Dims[1]) : throw WrongRank(2);

    public void Deconstruct(out int d0, out int d1, out int d2) => (d0, d1, d2) = Rank == 3 ? (Dims[0], Dims[1], Dims[2]) : throw WrongRank(3);

    public void Deconstruct(out int d0, out int d1, out int d2, out int d3)
        => (d0, d1, d2, d3) = Rank == 4 ? (Dims[0], Dims[1], Dims[2], Dims[3]) : throw WrongRank(4);

    public bool Equals(Shape other) => Dims.SequenceEqual(other.Dims);

    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int dim in Dims) hash.Add(dim);
        return hash.ToHashCode();
    }

    public static bool operator ==(Shape a, Shape b) => a.Equals(b);

    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <summary>For example <c>[577, 1024]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", Dims.ToArray())}]";

    private MmkException WrongRank(int expected) => new(2, $"the shape {this} has {Rank} dimensions where {expected} are needed");
}
