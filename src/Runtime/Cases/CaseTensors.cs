using System.Buffers.Binary;
using System.Text.Json;

namespace MmKernels.Runtime.Cases;

/// <summary>A tensor's bytes, row-major.</summary>
internal sealed record CaseTensor(byte[] Bytes);

/// <summary>Reads the small safetensors files of cases: this floor does not see the library's reader.</summary>
internal static class CaseTensors
{
    public static Dictionary<string, CaseTensor> Read(string path, long bytesAtMost)
    {
        if (new FileInfo(path).Length > bytesAtMost) throw new FormatException($"{path} has more than {bytesAtMost} bytes");
        byte[] file = File.ReadAllBytes(path);
        ulong headerBytes = file.Length < 8 ? ulong.MaxValue : BinaryPrimitives.ReadUInt64LittleEndian(file);
        if (headerBytes > (ulong)file.Length - 8) throw new FormatException($"the header of {path} is longer than the file");
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, (int)headerBytes));
        int start = 8 + (int)headerBytes;
        var tensors = new Dictionary<string, CaseTensor>();
        foreach (JsonProperty tensor in header.RootElement.EnumerateObject())
        {
            if (tensor.Name == "__metadata__") continue;
            JsonElement offsets = tensor.Value.GetProperty("data_offsets");
            long from = offsets[0].GetInt64(), to = offsets[1].GetInt64();
            if (from < 0 || to < from || to > file.Length - start) throw new FormatException($"`{tensor.Name}` lies outside {path}");
            tensors[tensor.Name] = new CaseTensor(file.AsSpan(start + (int)from, (int)(to - from)).ToArray());
        }
        return tensors;
    }
}
