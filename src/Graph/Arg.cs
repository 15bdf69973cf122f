using System.Runtime.InteropServices;

namespace MmKernels.Graphs;

/// <summary>An argument of a launch: a tensor, or a number or struct of numbers of the parameter's type.</summary>
public readonly struct Arg
{
    private Arg(Tensor? tensor, Type scalarType, ulong bits, byte[]? bytes = null)
    {
        Tensor = tensor;
        ScalarType = scalarType;
        Bits = bits;
        Bytes = bytes;
    }

    internal Tensor? Tensor { get; }

    internal Type ScalarType { get; }

    internal ulong Bits { get; }

    /// <summary>What a struct holds; null for numbers.</summary>
    internal byte[]? Bytes { get; }

    /// <summary>A struct that is passed by value, with the layout that it has in memory.</summary>
    public static Arg Of<T>(T value) where T : unmanaged => new(null, typeof(T), 0, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray());

    public static implicit operator Arg(Tensor tensor) => new(tensor, typeof(Tensor), 0);

    public static implicit operator Arg(int value) => new(null, typeof(int), (uint)value);

    public static implicit operator Arg(uint value) => new(null, typeof(uint), value);

    public static implicit operator Arg(long value) => new(null, typeof(long), (ulong)value);

    public static implicit operator Arg(float value) => new(null, typeof(float), BitConverter.SingleToUInt32Bits(value));
}
