using System.Reflection;
using MmKernels.Dialect;

namespace MmKernels.Tests.Programs;

/// <summary>A function of a program as .NET runs it.</summary>
/// <param name="arrays">The <see cref="Arrays"/>.</param>
internal delegate long HostFunction(int x, float f, Array[] arrays);

internal static class HostFunctions
{
    /// <summary>Host (index 0, where the program has it) and F1.. of a program's class.</summary>
    public static HostFunction[] Of(System.Type program, int count)
        => [.. Enumerable.Range(0, count).Select(f => f == 0 ? OfMain(program.GetMethod("Host")!) : OfHelper(program.GetMethod($"F{f}")!))];

    private static HostFunction OfMain(MethodInfo method)
    {
        var call = method.CreateDelegate<Func<int, float, int[], int[], byte[], short[], F16[], double[], long[], float[], long>>();
        return (x, f, a) => call(x, f, (int[])a[0], (int[])a[1], (byte[])a[2], (short[])a[3], (F16[])a[4], (double[])a[5], (long[])a[6], (float[])a[7]);
    }

    private static HostFunction OfHelper(MethodInfo method)
    {
        var call = method.CreateDelegate<Func<int, float, int[], int[], byte[], short[], F16[], double[], long[], float[], int>>();
        return (x, f, a) => call(x, f, (int[])a[0], (int[])a[1], (byte[])a[2], (short[])a[3], (F16[])a[4], (double[])a[5], (long[])a[6], (float[])a[7]);
    }
}
