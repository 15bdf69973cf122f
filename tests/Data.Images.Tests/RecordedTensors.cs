using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MmKernels.Tests;

/// <summary>The tensors of a fixture's safetensors file; a reader of its own, so that the expectations do not pass through the code under test.</summary>
internal sealed class RecordedTensors
{
    private static readonly Dictionary<string, RecordedTensors> Opened = [];

    private readonly byte[] bytes;
    private readonly Dictionary<string, (int[] Shape, int Start, int End)> entries = [];

    private RecordedTensors(string path)
    {
        bytes = File.ReadAllBytes(path);
        int headerBytes = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerBytes));
        foreach (JsonProperty tensor in header.RootElement.EnumerateObject())
        {
            if (tensor.Name == "__metadata__") continue;
            int[] shape = [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32())];
            JsonElement offsets = tensor.Value.GetProperty("data_offsets");
            entries[tensor.Name] = (shape, 8 + headerBytes + offsets[0].GetInt32(), 8 + headerBytes + offsets[1].GetInt32());
        }
    }

    public static RecordedTensors Open(string path)
    {
        lock (Opened)
            return Opened.TryGetValue(path, out RecordedTensors? tensors) ? tensors : Opened[path] = new RecordedTensors(path);
    }

    public int[] Shape(string name) => entries[name].Shape;

    public bool Contains(string name) => entries.ContainsKey(name);

    public ReadOnlySpan<byte> Bytes(string name) => bytes.AsSpan(entries[name].Start, entries[name].End - entries[name].Start);

    public ReadOnlySpan<float> Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name));
}
