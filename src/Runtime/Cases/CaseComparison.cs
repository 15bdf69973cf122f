using System.Buffers.Binary;
using System.Globalization;

namespace MmKernels.Runtime.Cases;

/// <summary>Compares buffers: integers exactly, floats within a tolerance, NaN equal to NaN.</summary>
public static class CaseComparison
{
    /// <summary>The first element that differs with the number of all that do, or null.</summary>
    /// <param name="dtype">s8 to u64, f16, bf16, f32, f64 or ptr.</param>
    /// <param name="got">The bytes that a kernel wrote.</param>
    /// <param name="expected">As many bytes of expected values.</param>
    /// <param name="tolerance">For floats.</param>
    public static string? FirstDifference(string dtype, ReadOnlySpan<byte> got, ReadOnlySpan<byte> expected, CaseTolerance tolerance)
    {
        int size = PtxCase.ElementBytes(dtype), different = 0, first = -1;
        bool isFloat = dtype is "f16" or "bf16" or "f32" or "f64";
        for (int i = 0; i < expected.Length / size; i++)
        {
            ReadOnlySpan<byte> a = got.Slice(i * size, size), b = expected.Slice(i * size, size);
            if (a.SequenceEqual(b) || (isFloat && Close(Value(dtype, a), Value(dtype, b), tolerance))) continue;
            if (different++ == 0) first = i;
        }
        if (different == 0) return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"{different} of {expected.Length / size} elements differ, first [{first}]: {Show(dtype, got.Slice(first * size, size))} where {Show(dtype, expected.Slice(first * size, size))} is expected");
    }

    private static bool Close(double got, double expected, CaseTolerance tolerance)
    {
        if (double.IsNaN(expected)) return double.IsNaN(got);
        // Equal bits were accepted before, so an exact comparison fails here: zeros of different sign differ.
        if (tolerance is { Absolute: 0, Relative: 0 }) return false;
        if (double.IsInfinity(expected) || double.IsInfinity(got)) return got == expected;
        return Math.Abs(got - expected) <= tolerance.Absolute + tolerance.Relative * Math.Abs(expected);
    }

    private static double Value(string dtype, ReadOnlySpan<byte> bytes) => dtype switch
    {
        "f16" => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "bf16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        "f32" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };

    private static string Show(string dtype, ReadOnlySpan<byte> bytes)
    {
        if (dtype is "f16" or "bf16" or "f32" or "f64") return Value(dtype, bytes).ToString("R", CultureInfo.InvariantCulture);
        Span<byte> wide = stackalloc byte[8];
        wide.Fill(dtype[0] == 's' && (bytes[^1] & 0x80) != 0 ? (byte)0xFF : (byte)0);
        bytes.CopyTo(wide);
        return dtype[0] == 's' ? BinaryPrimitives.ReadInt64LittleEndian(wide).ToString(CultureInfo.InvariantCulture) : BinaryPrimitives.ReadUInt64LittleEndian(wide).ToString(CultureInfo.InvariantCulture);
    }
}
