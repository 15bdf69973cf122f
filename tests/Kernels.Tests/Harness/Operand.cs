using System.Runtime.InteropServices;
using MmKernels.Dialect;

namespace MmKernels.Tests.Kernels;

/// <summary>An argument of an op: its values exactly as its storage type holds them, and their bytes.</summary>
public sealed class Operand
{
    private Operand(DType type, int[] dims, byte[] content)
    {
        Type = type;
        Dims = dims;
        Content = content;
    }

    public DType Type { get; }

    public int[] Dims { get; }

    public byte[] Content { get; }

    public float[] Floats => Array.ConvertAll(Storage.Decode(Type, Content), value => (float)value);

    public int[] Ints => MemoryMarshal.Cast<byte, int>(Content).ToArray();

    /// <summary>Normally distributed numbers; the seed is mixed with the shape so that operands differ.</summary>
    public static Operand Normal(DType type, double deviation, params int[] dims)
    {
        Random random = Source(type, dims);
        return Floating(type, dims, () => deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    /// <summary>Whole numbers from -limit to limit, so that short sums are exact in every order.</summary>
    public static Operand Whole(DType type, int limit, params int[] dims)
    {
        Random random = Source(type, dims);
        return Floating(type, dims, () => random.Next(-limit, limit + 1));
    }

    /// <summary>Given numbers, rounded to the type.</summary>
    public static Operand Of(DType type, float[] values, params int[] dims)
    {
        int next = 0;
        return Floating(type, dims, () => values[next++]);
    }

    public static Operand Ints32(params int[] values) => new(DType.I32, [values.Length], MemoryMarshal.AsBytes<int>(values).ToArray());

    public static Operand Ints32(int[] values, params int[] dims) => new(DType.I32, dims, MemoryMarshal.AsBytes<int>(values).ToArray());

    /// <summary>Random bytes.</summary>
    public static Operand Bytes(params int[] dims)
    {
        var content = new byte[Elements(dims)];
        Source(DType.U8, dims).NextBytes(content);
        return new Operand(DType.U8, dims, content);
    }

    private static Operand Floating(DType type, int[] dims, Func<double> next)
    {
        var values = new double[Elements(dims)];
        for (int i = 0; i < values.Length; i++) values[i] = next();
        return new Operand(type, dims, Storage.Encode(type, values));
    }

    private static int Elements(int[] dims) => dims.Aggregate(1, (product, dim) => product * dim);

    private static Random Source(DType type, int[] dims)
    {
        int seed = 17 + (int)type;
        foreach (int dim in dims) seed = unchecked(seed * 31 + dim);
        return new Random(seed);
    }
}

/// <summary>Numbers as bytes of a storage type.</summary>
public static class Storage
{
    public static byte[] Encode(DType type, double[] values)
    {
        switch (type)
        {
            case DType.F32: return MemoryMarshal.AsBytes<float>(Array.ConvertAll(values, value => (float)value)).ToArray();
            case DType.F16: return MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)).ToArray();
            case DType.BF16: return MemoryMarshal.AsBytes<BF16>(Array.ConvertAll(values, value => (BF16)(float)value)).ToArray();
            default: throw new ArgumentOutOfRangeException(nameof(type), type, null);
        }
    }

    public static double[] Decode(DType type, byte[] content) => type switch
    {
        DType.F32 => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(content).ToArray(), value => (double)value),
        DType.F16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(content).ToArray(), value => (double)value),
        DType.BF16 => Array.ConvertAll(MemoryMarshal.Cast<byte, BF16>(content).ToArray(), value => (double)(float)value),
        DType.I32 => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(content).ToArray(), value => (double)value),
        DType.U8 => Array.ConvertAll(content, value => (double)value),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Half a unit in the last place of a type at a value: what one rounding may cost.</summary>
    public static double HalfUlp(DType type, double value) => type switch
    {
        DType.F32 => Math.Abs(value) * Math.ScaleB(1, -24) + Math.ScaleB(1, -150),
        DType.F16 => Math.Max(Math.Abs(value) * Math.ScaleB(1, -11), Math.ScaleB(1, -25)),
        DType.BF16 => Math.Abs(value) * Math.ScaleB(1, -8) + Math.ScaleB(1, -134),
        _ => 0,
    };
}
