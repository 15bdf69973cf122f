using System.Text;

namespace MmKernels.Data;

/// <summary>Facts about a <see cref="TensorFormat"/>.</summary>
public static class TensorFormats
{
    private static readonly Row[] rows =
    [
        new("F32", 1, 32, DType.F32), new("F16", 1, 16, DType.F16), new("BF16", 1, 16, DType.BF16), new("F64", 1, 64, DType.F64),
        new("I8", 1, 8, DType.I8), new("I16", 1, 16, DType.I16), new("I32", 1, 32, DType.I32), new("I64", 1, 64, DType.I64),
        new("U8", 1, 8, DType.U8), new("U16", 1, 16, DType.U16), new("U32", 1, 32, DType.U32), new("U64", 1, 64, DType.U64),
        new("BOOL", 1, 8, DType.Bool),
        new("C64", 1, 64, null),
        new("F8_E5M2", 1, 8, null), new("F8_E4M3", 1, 8, null), new("F8_E8M0", 1, 8, null), new("F8_E4M3FNUZ", 1, 8, null), new("F8_E5M2FNUZ", 1, 8, null),
        new("F4", 1, 4, null), new("F6_E2M3", 1, 6, null), new("F6_E3M2", 1, 6, null),
        new("Q4_0", 32, 18 * 8, null), new("Q4_1", 32, 20 * 8, null), new("Q5_0", 32, 22 * 8, null), new("Q5_1", 32, 24 * 8, null), new("Q8_0", 32, 34 * 8, null),
        new("Q2_K", 256, 84 * 8, null), new("Q3_K", 256, 110 * 8, null), new("Q4_K", 256, 144 * 8, null), new("Q5_K", 256, 176 * 8, null), new("Q6_K", 256, 210 * 8, null),
        new("IQ1_S", 256, 50 * 8, null), new("IQ1_M", 256, 56 * 8, null), new("IQ2_XXS", 256, 66 * 8, null), new("IQ2_XS", 256, 74 * 8, null), new("IQ2_S", 256, 82 * 8, null), new("IQ3_XXS", 256, 98 * 8, null), new("IQ3_S", 256, 110 * 8, null), new("IQ4_NL", 32, 18 * 8, null), new("IQ4_XS", 256, 136 * 8, null),
        new("TQ1_0", 256, 54 * 8, null), new("TQ2_0", 256, 66 * 8, null),
        new("MXFP4", 32, 17 * 8, null), new("NVFP4", 64, 36 * 8, null),
    ];

    private static readonly byte[][] safetensorsNames = [.. rows.Take((int)TensorFormat.F6E3M2 + 1).Select(row => Encoding.UTF8.GetBytes(row.Name))];

    /// <summary>The format's name as its file format writes it, for example <c>BF16</c> or <c>F8_E4M3</c>.</summary>
    public static string Name(this TensorFormat format) => rows[(int)format].Name;

    /// <summary>Elements that share one block; 1 for formats that store each element on its own.</summary>
    public static int BlockElements(this TensorFormat format) => rows[(int)format].BlockElements;

    /// <summary>Bits of one block (of one element where <see cref="BlockElements"/> is 1).</summary>
    public static int BlockBits(this TensorFormat format) => rows[(int)format].BlockBits;

    /// <summary>True for GGUF's blocks, whose elements share scales.</summary>
    public static bool IsBlock(this TensorFormat format) => format >= TensorFormat.Q4_0;

    /// <summary>The storage type that the graph uses for this format, or null where it has none (8-bit floats, complex numbers, blocks).</summary>
    public static DType? AsDType(this TensorFormat format) => rows[(int)format].Type;

    /// <summary>The format that safetensors calls <paramref name="name"/> (UTF-8, case matters).</summary>
    public static bool TryFromSafetensors(ReadOnlySpan<byte> name, out TensorFormat format)
    {
        for (int i = 0; i < safetensorsNames.Length; i++)
        {
            format = (TensorFormat)i;
            if (name.SequenceEqual(safetensorsNames[i])) return true;
        }
        format = default;
        return false;
    }

    /// <summary>The format that holds a storage type unchanged.</summary>
    public static TensorFormat From(DType type)
    {
        int row = Array.FindIndex(rows, row => row.Type == type);
        return row >= 0 ? (TensorFormat)row : throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type");
    }

    private readonly record struct Row(string Name, int BlockElements, int BlockBits, DType? Type);
}
