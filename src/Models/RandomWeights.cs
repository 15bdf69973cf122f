using System.Runtime.InteropServices;
using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>Weights as a model has them before it is trained: maps keep the size of what goes through them, norms are one.</summary>
internal static class RandomWeights
{
    private const int Chunk = 1 << 20, Table = 1024;

    /// <summary>A tensor of random numbers; the same ones for the same name and shape.</summary>
    public static Tensor Draw(Accelerator device, DType type, Shape shape, string name)
    {
        bool norm = shape.Rank == 1 && name.EndsWith("weight", StringComparison.Ordinal);
        double spread = norm ? 0 : shape.Rank == 1 ? 0.01 : Math.Sqrt(3.0 * shape[0] / shape.Elements);   // evenly distributed, its deviation 1 / √inputs
        var random = new Random(name.Length + (int)(shape.Elements % int.MaxValue));
        double[] table = [.. Enumerable.Range(0, Table).Select(_ => (norm ? 1 : 0) + spread * (2 * random.NextDouble() - 1))];
        Tensor tensor = device.Allocate(type, shape, name);
        if (type == DType.F32) Fill(device, tensor, Array.ConvertAll(table, value => (float)value));
        else if (type == DType.F16) Fill(device, tensor, Array.ConvertAll(table, value => (Half)value));
        else Fill(device, tensor, Array.ConvertAll(table, value => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16)));
        return tensor;
    }

    /// <summary>Values of a table in a random order.</summary>
    private static void Fill<T>(Accelerator device, Tensor tensor, T[] table) where T : unmanaged
    {
        long elements = tensor.Shape.Elements;
        var part = new T[Math.Min(Chunk, elements)];
        ulong state = (ulong)elements | 1;
        for (long done = 0; done < elements; done += part.Length)
        {
            Span<T> now = part.AsSpan(0, (int)Math.Min(part.Length, elements - done));
            for (int i = 0; i < now.Length; i++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                now[i] = table[state % Table];
            }
            device.Write(tensor, done * Marshal.SizeOf<T>(), MemoryMarshal.AsBytes(now));
        }
    }
}
