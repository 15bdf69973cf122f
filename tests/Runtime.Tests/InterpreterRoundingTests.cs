using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>
/// Directed rounding, held against the definition: rm and rp enclose the exact value, are equal only when it is representable,
/// and rn (which the host computes) is one of them.
/// </summary>
public class InterpreterRoundingTests
{
    private const int Count = 4096;

    [Theory]
    [InlineData("add")]
    [InlineData("mul")]
    [InlineData("div")]
    [InlineData("sqrt")]
    [InlineData("fma")]
    public void F64_EnclosesTheExactValue(string operation)
    {
        double[] a = Doubles(1), b = Doubles(2), c = Doubles(3);
        if (operation == "sqrt") a = Array.ConvertAll(a, Math.Abs);
        double[][] got = Run<double>(operation, "f64", a, b, c);
        for (int i = 0; i < Count; i++)
        {
            (double rn, double rz, double rm, double rp) = (got[0][i], got[1][i], got[2][i], got[3][i]);
            double host = operation switch { "add" => a[i] + b[i], "mul" => a[i] * b[i], "div" => a[i] / b[i], "sqrt" => Math.Sqrt(a[i]), _ => Math.FusedMultiplyAdd(a[i], b[i], c[i]) };
            Assert.Equal(host, rn);
            Assert.True(rm == rp || Math.BitIncrement(rm) == rp, $"{operation}({a[i]:R}, {b[i]:R}, {c[i]:R}): {rm:R} {rp:R}");
            Assert.True(rn == rm || rn == rp);
            Assert.Equal(rm >= 0 && rp >= 0 ? rm : rp, rz);
            if (Exact(operation, a[i], b[i], host) is { } exact && double.IsNormal(host)) Assert.Equal(exact, rm == rp);
        }
    }

    [Theory]
    [InlineData("add")]
    [InlineData("mul")]
    [InlineData("div")]
    [InlineData("sqrt")]
    [InlineData("fma")]
    public void F32_EnclosesTheExactValue(string operation)
    {
        float[] a = Floats(1), b = Floats(2), c = Floats(3);
        if (operation == "sqrt") a = Array.ConvertAll(a, MathF.Abs);
        float[][] got = Run<float>(operation, "f32", a, b, c);
        for (int i = 0; i < Count; i++)
        {
            (float rn, float rz, float rm, float rp) = (got[0][i], got[1][i], got[2][i], got[3][i]);
            float host = operation switch { "add" => a[i] + b[i], "mul" => a[i] * b[i], "div" => a[i] / b[i], "sqrt" => MathF.Sqrt(a[i]), _ => MathF.FusedMultiplyAdd(a[i], b[i], c[i]) };
            Assert.Equal(host, rn);
            Assert.True(rm == rp || MathF.BitIncrement(rm) == rp, $"{operation}({a[i]:R}, {b[i]:R}, {c[i]:R}): {rm:R} {rp:R}");
            Assert.True(rn == rm || rn == rp);
            Assert.Equal(rm >= 0 && rp >= 0 ? rm : rp, rz);
            // A double holds sums of near and products of all floats.
            if (operation == "mul") Assert.Equal((double)a[i] * b[i] == host, rm == rp);
        }
    }

    /// <summary>Whether the nearest result is the exact one, where a residual can tell.</summary>
    private static bool? Exact(string operation, double a, double b, double nearest)
    {
        // Residuals below the least normal number are no longer exact.
        if (Math.Abs(nearest) is < 1e-250 or > 1e250 || Math.Abs(a) is < 1e-250 or > 1e250 || Math.Abs(b) is < 1e-250 or > 1e250) return null;
        if (operation == "add")
        {
            double other = nearest - a;
            return a - (nearest - other) + (b - other) == 0;
        }
        return operation switch
        {
            "mul" => Math.FusedMultiplyAdd(a, b, -nearest) == 0,
            "div" => Math.FusedMultiplyAdd(nearest, b, -a) == 0,
            "sqrt" => Math.FusedMultiplyAdd(nearest, nearest, -a) == 0,
            _ => null,
        };
    }

    private static double[] Doubles(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Count).Select(i => (i % 4) switch
        {
            0 => random.Next(-100, 100) is var whole && whole != 0 ? whole : 1.0,
            1 => (random.NextDouble() - 0.5) * 8,
            2 => Math.ScaleB(random.NextDouble() + 0.5, random.Next(-1060, 500)) * (random.Next(2) * 2 - 1),
            _ => Math.ScaleB(random.Next(1, 1 << 20), random.Next(-40, 40)),
        })];
    }

    private static float[] Floats(int seed) => Array.ConvertAll(Doubles(seed), x => (float)Math.ScaleB(1 + Math.Abs(x) % 1, Math.ILogB(x) % 60) * MathF.CopySign(1, (float)Math.Sign(x)));

    private static T[][] Run<T>(string operation, string type, T[] a, T[] b, T[] c) where T : unmanaged
    {
        int size = Marshal.SizeOf<T>();
        string sources = operation switch { "sqrt" => "%x1", "fma" => "%x1, %x2, %x3", _ => "%x1, %x2" };
        string stores = string.Concat(new[] { "rn", "rz", "rm", "rp" }.Select((mode, i) => $"{operation}.{mode}.{type} %x4, {sources}; st.global.{type} [%rd5+{i * Count * size}], %x4;\n"));
        string ptx = $$"""
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry k(.param .u64 a, .param .u64 b, .param .u64 c, .param .u64 o)
            {
            .reg .b32 %r<5>; .reg .b64 %rd<8>; .reg .{{type}} %x<5>;
            ld.param.u64 %rd1, [a]; ld.param.u64 %rd2, [b]; ld.param.u64 %rd3, [c]; ld.param.u64 %rd5, [o];
            mov.u32 %r1, %ctaid.x; mov.u32 %r2, %tid.x; mad.lo.u32 %r1, %r1, 256, %r2; mul.wide.u32 %rd4, %r1, {{size}};
            add.u64 %rd1, %rd1, %rd4; add.u64 %rd2, %rd2, %rd4; add.u64 %rd3, %rd3, %rd4; add.u64 %rd5, %rd5, %rd4;
            ld.global.{{type}} %x1, [%rd1]; ld.global.{{type}} %x2, [%rd2]; ld.global.{{type}} %x3, [%rd3];
            {{stores}}
            ret;
            }
            """;
        using var device = new InterpreterDevice();
        using DeviceModule module = device.Load(ptx);
        using DeviceBuffer x = device.Allocate(Count * size), y = device.Allocate(Count * size), z = device.Allocate(Count * size), o = device.Allocate(4 * Count * size);
        device.Write(x, 0, MemoryMarshal.AsBytes<T>(a));
        device.Write(y, 0, MemoryMarshal.AsBytes<T>(b));
        device.Write(z, 0, MemoryMarshal.AsBytes<T>(c));
        device.Launch(module.GetKernel("k"), Count / 256, 256, 0, MemoryMarshal.AsBytes<ulong>(new[] { x.Address, y.Address, z.Address, o.Address }));
        var got = new T[4][];
        for (int i = 0; i < 4; i++)
        {
            got[i] = new T[Count];
            device.Read(o, i * Count * size, MemoryMarshal.AsBytes(got[i].AsSpan()));
        }
        return got;
    }
}
