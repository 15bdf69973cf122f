using MmKernels.Data;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>The header of a safetensors file.</summary>
public sealed class SafetensorsTarget : FuzzTarget
{
    public override string Name => "safetensors";

    public override IReadOnlyList<string> Words { get; } =
        ["__metadata__", "\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"F32\"", "\"F4\"", "\"F6_E2M3\"", "{", "}", "[", "]", ",", ":", "\"", "\\ud800", "\\u0000", "null", "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"];

    public override IEnumerable<byte[]> Seeds()
        => Goldens.Folders("safetensors").SelectMany(folder => Directory.EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>Writes the length of the header that the text seems to have.</summary>
    public override byte[] Repair(byte[] input)
    {
        if (input.Length < 9) return input;
        int end = input.AsSpan(8).LastIndexOf((byte)'}') + 1;
        byte[] repaired = [.. input];
        BitConverter.TryWriteBytes(repaired, (long)end);
        return repaired;
    }

    public override void Run(byte[] input)
    {
        SafetensorsHeader header = SafetensorsHeader.Parse(input, input.Length, "fuzz");
        foreach (SafetensorsEntry entry in header.Entries)
            if (header.DataStart + (long)entry.End > input.Length) throw new InvalidOperationException("a tensor reaches beyond the file");
    }
}
