using MmKernels.Data;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>The header of a GGUF file: keys, values, tensor infos, layout.</summary>
public sealed class GgufTarget : FuzzTarget
{
    public override string Name => "gguf";

    public override IReadOnlyList<string> Words { get; } = ["GGUF", "general.alignment", "general.architecture", "\u0009\0\0\0\u0009\0\0\0\u0001\0\0\0\0\0\0\0", "\u0001\0\0\0\0\0\0\0a"];

    public override IEnumerable<byte[]> Seeds()
        => Goldens.Folders("gguf").SelectMany(folder => Directory.EnumerateFiles(folder, "*.gguf", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>Puts the magic number and a version that is read back.</summary>
    public override byte[] Repair(byte[] input) => input.Length < 8 ? input : [.. "GGUF"u8, 3, 0, 0, 0, .. input.AsSpan(8)];

    public override void Run(byte[] input)
    {
        GgufHeader header = GgufHeader.Parse(input, input.Length, "fuzz");
        foreach (GgufTensorInfo tensor in header.Tensors)
        {
            long end = checked(header.DataStart + (long)tensor.Offset + (long)tensor.Bytes);
            if (tensor.Bytes > 0 && end > input.Length) throw new InvalidOperationException("a tensor reaches beyond the file");
            if (tensor.Bytes == 0 || FloatReader.Decoder(tensor.Format) is not { } decoder) continue;
            int block = tensor.Format.BlockBits() / 8;
            decoder(input.AsSpan((int)(header.DataStart + (long)tensor.Offset), block), new float[tensor.Format.BlockElements()]);
        }
        foreach (GgufValue value in header.Keys.Values) _ = value.ToString();
    }
}
