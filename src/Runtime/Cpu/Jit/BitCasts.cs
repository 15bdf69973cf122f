using System.Reflection;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>The framework's methods that turn a scalar into another of the same bits.</summary>
internal static class BitCasts
{
    private static readonly MethodInfo intToFloat = ((Func<int, float>)BitConverter.Int32BitsToSingle).Method, floatToInt = ((Func<float, int>)BitConverter.SingleToInt32Bits).Method,
        longToDouble = ((Func<long, double>)BitConverter.Int64BitsToDouble).Method, doubleToLong = ((Func<double, long>)BitConverter.DoubleToInt64Bits).Method;

    public static MethodInfo Between(Type from, Type to)
    {
        if (from == typeof(int) && to == typeof(float)) return intToFloat;
        if (from == typeof(float) && to == typeof(int)) return floatToInt;
        return from == typeof(long) && to == typeof(double) ? longToDouble : doubleToLong;
    }
}
