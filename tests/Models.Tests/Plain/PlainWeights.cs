using System.Buffers.Binary;
using MmKernels.Data;

namespace MmKernels.Tests.Plain;

/// <summary>Random weights under published names, rounded to a storage type: what a checkpoint's file holds and what references compute with.</summary>
internal sealed class PlainWeights(Random random, TensorFormat format)
{
    private readonly List<TensorToWrite> tensors = [];

    public Random Random => random;

    /// <summary>Numbers of a normal distribution, rounded to the storage type, in no file yet.</summary>
    public double[] Normal(int count, double deviation, double mean = 0)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = Round(mean + deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return values;
    }

    /// <summary>A new tensor of the file.</summary>
    public double[] New(string name, double deviation, double mean, params int[] dims) => Add(name, Normal(dims.Aggregate(1, (a, b) => a * b), deviation, mean), dims);

    /// <summary>Puts numbers into the file.</summary>
    public double[] Add(string name, double[] values, params int[] dims)
    {
        var bytes = new byte[values.Length * (format == TensorFormat.F32 ? 4 : 2)];
        for (int i = 0; i < values.Length; i++)
        {
            if (format == TensorFormat.F32) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), (float)values[i]);
            else if (format == TensorFormat.F16) BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), (Half)values[i]);
            else BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)(BitConverter.SingleToUInt32Bits((float)values[i]) >> 16));
        }
        tensors.Add(new TensorToWrite(name, format, new Shape(dims), bytes));
        return values;
    }

    /// <summary>A linear map with weights of the size that keeps variances.</summary>
    public PlainLinear Linear(string name, int inputs, int outputs, bool bias)
        => new(New($"{name}.weight", 1 / Math.Sqrt(inputs), 0, outputs, inputs), bias ? New($"{name}.bias", 0.3, 0, outputs) : null, inputs);

    /// <summary>A linear map that is in no file yet.</summary>
    public PlainLinear Loose(int inputs, int outputs, bool bias) => new(Normal(inputs * outputs, 1 / Math.Sqrt(inputs)), bias ? Normal(outputs, 0.3) : null, inputs);

    /// <summary>Puts maps into the file as one, whose rows are those of <paramref name="parts"/> in that order: (map, first row, rows).</summary>
    public void Fuse(string name, params IEnumerable<(PlainLinear Map, int First, int Rows)> parts)
    {
        double[] weight = [.. parts.SelectMany(part => part.Map.Weight.AsSpan(part.First * part.Map.Inputs, part.Rows * part.Map.Inputs).ToArray())];
        int inputs = parts.First().Map.Inputs;
        Add($"{name}.weight", weight, weight.Length / inputs, inputs);
        if (parts.First().Map.Bias is null) return;
        double[] bias = [.. parts.SelectMany(part => part.Map.Bias!.AsSpan(part.First, part.Rows).ToArray())];
        Add($"{name}.bias", bias, bias.Length);
    }

    public PlainNorm RmsNorm(string name, int hidden, double epsilon, double offset = 0)
        => new(New($"{name}.weight", 0.2, 1 - offset, hidden), null, epsilon, Centred: false, offset);

    public PlainNorm LayerNorm(string name, int hidden, double epsilon, bool bias = true)
        => new(New($"{name}.weight", 0.2, 1, hidden), bias ? New($"{name}.bias", 0.2, 0, hidden) : null, epsilon, Centred: true, 0);

    public void Save(string path) => SafetensorsWriter.Write(path, tensors);

    private double Round(double value)
    {
        if (format == TensorFormat.F32) return (float)value;
        if (format == TensorFormat.F16) return (double)(Half)value;
        uint bits = BitConverter.SingleToUInt32Bits((float)value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000);
    }
}
