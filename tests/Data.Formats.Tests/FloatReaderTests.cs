using System.Runtime.InteropServices;
using MmKernels.Data;

namespace MmKernels.Tests;

public class FloatReaderTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    private float[] Read(TensorFormat format, ReadOnlyMemory<byte> bytes, int elements, int first = 0)
    {
        SafetensorsWriter.Write(path, [new TensorToWrite("t", format, new Shape(elements), bytes)]);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        var values = new float[elements - first];
        checkpoint["t"].ReadFloats(first, values);
        return values;
    }

    [Fact]
    public void EveryHalf_IsConvertedExactly()
    {
        ushort[] all = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        float[] values = Read(TensorFormat.F16, MemoryMarshal.AsBytes<ushort>(all).ToArray(), all.Length);
        for (int i = 0; i < all.Length; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf(all[i]);
            Assert.True(float.IsNaN(expected) ? float.IsNaN(values[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(values[i]), $"half {i:x4}");
        }
    }

    [Fact]
    public void OddLengthsAndStarts_ReachEveryElement()
    {
        Half[] halves = [.. Enumerable.Range(0, 37).Select(i => (Half)i)];
        Assert.Equal(Enumerable.Range(5, 32).Select(i => (float)i), Read(TensorFormat.F16, MemoryMarshal.AsBytes<Half>(halves).ToArray(), 37, first: 5));
    }

    /// <summary>Values from the tables of the standards.</summary>
    [Theory]
    [InlineData(TensorFormat.F8E4M3, 0x7E, 448f)]
    [InlineData(TensorFormat.F8E4M3, 0xFE, -448f)]
    [InlineData(TensorFormat.F8E4M3, 0x7F, float.NaN)]
    [InlineData(TensorFormat.F8E4M3, 0x08, 0.015625f)]                // 2^-6, the smallest normal
    [InlineData(TensorFormat.F8E4M3, 0x01, 0.001953125f)]             // 2^-9, the smallest subnormal
    [InlineData(TensorFormat.F8E5M2, 0x7B, 57344f)]
    [InlineData(TensorFormat.F8E5M2, 0x7C, float.PositiveInfinity)]
    [InlineData(TensorFormat.F8E5M2, 0x01, 1.52587890625e-5f)]        // 2^-16
    [InlineData(TensorFormat.F8E4M3Fnuz, 0x7F, 240f)]
    [InlineData(TensorFormat.F8E4M3Fnuz, 0x80, float.NaN)]
    [InlineData(TensorFormat.F8E4M3Fnuz, 0x01, 0.0009765625f)]        // 2^-10
    [InlineData(TensorFormat.F8E5M2Fnuz, 0x7F, 57344f)]
    [InlineData(TensorFormat.F8E5M2Fnuz, 0x01, 7.62939453125e-6f)]    // 2^-17
    [InlineData(TensorFormat.F8E8M0, 127, 1f)]
    [InlineData(TensorFormat.F8E8M0, 0, 5.877471754e-39f)]            // 2^-127
    [InlineData(TensorFormat.F8E8M0, 255, float.NaN)]
    public void EightBitFloat_HasTheValueOfItsStandard(TensorFormat format, byte bits, float expected)
        => Assert.Equal(expected, Read(format, new[] { bits }, 1)[0]);

    [Fact]
    public void Integers_BecomeTheirFloats()
    {
        Assert.Equal([-1f, 127f], Read(TensorFormat.I8, new byte[] { 255, 127 }, 2));
        Assert.Equal([1f, 0f, 1f], Read(TensorFormat.Bool, new byte[] { 1, 0, 1 }, 3));
        Assert.Equal([18446744073709551615f], Read(TensorFormat.U64, BitConverter.GetBytes(ulong.MaxValue), 1));
    }

    [Fact]
    public void ComplexNumbers_AreRefused()
        => Assert.Equal(409, Assert.Throws<MmkException>(() => Read(TensorFormat.C64, new byte[8], 1)).Number);
}
