namespace MmKernels.Graphs;

/// <summary>An argument of a launch: a tensor, or a scalar of the parameter's type.</summary>
public readonly struct Arg
{
    private Arg(Tensor? tensor, Type scalarType, ulong bits)
    {
        Tensor = tensor;
        ScalarType = scalarType;
        Bits = bits;
    }

    internal Tensor? Tensor { get; }

    internal Type ScalarType { get; }

    internal ulong Bits { get; }

    public static implicit operator Arg(Tensor tensor) => new(tensor, typeof(Tensor), 0);

    public static implicit operator Arg(int value) => new(null, typeof(int), (uint)value);

    public static implicit operator Arg(uint value) => new(null, typeof(uint), value);

    public static implicit operator Arg(long value) => new(null, typeof(long), (ulong)value);

    public static implicit operator Arg(float value) => new(null, typeof(float), BitConverter.SingleToUInt32Bits(value));
}
