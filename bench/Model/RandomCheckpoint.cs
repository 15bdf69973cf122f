using System.Runtime.InteropServices;
using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Bench;

/// <summary>A checkpoint of a published shape with random weights, in a folder that is deleted with it.</summary>
internal sealed class RandomCheckpoint : IDisposable
{
    /// <summary>openai/clip-vit-large-patch14-336's vision tower.</summary>
    public static string ClipLarge(int layers) => $$"""
        { "model_type": "clip_vision_model", "architectures": ["CLIPVisionModel"], "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": {{layers}},
          "num_attention_heads": 16, "image_size": 336, "patch_size": 14, "num_channels": 3, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5, "projection_dim": 768 }
        """;

    /// <summary>meta-llama/Llama-3.2-1B.</summary>
    public static string Llama1B(int layers) => $$"""
        { "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": {{layers}},
          "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 128256, "max_position_embeddings": 131072, "hidden_act": "silu",
          "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false,
          "rope_scaling": { "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192 } }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("mmk-bench-").FullName;

    /// <summary>Writes the weights that the config's model asks for.</summary>
    public RandomCheckpoint(string config, DType type)
    {
        File.WriteAllText(System.IO.Path.Combine(folder, "config.json"), config);
        Path = System.IO.Path.Combine(folder, "model.safetensors");
        ModelFiles files = ModelFiles.Open(folder);
        Spec = Recipe.Of(files).Read(files);
        TensorFormat format = type switch { DType.F32 => TensorFormat.F32, DType.F16 => TensorFormat.F16, _ => TensorFormat.BF16 };
        SafetensorsWriter.Write(Path, Model.Manifest(Spec).Select(line => Weight(line, type, format)));
    }

    public ModelSpec Spec { get; }

    /// <summary>The file with the weights.</summary>
    public string Path { get; }

    /// <summary>The model with its weights on a device.</summary>
    public Model Load(Accelerator accelerator, out Checkpoint checkpoint)
    {
        checkpoint = Checkpoint.Open(Path);
        return Model.Build(Spec, WeightStore.From(accelerator, checkpoint), accelerator);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A line of a manifest, <c>name [a, b]</c>. Gains are ones; other weights keep the size of what they multiply.</summary>
    private static TensorToWrite Weight(string line, DType type, TensorFormat format)
    {
        int space = line.IndexOf(' ');
        var shape = new Shape([.. line[(space + 1)..].Trim('[', ']').Split(", ").Select(int.Parse)]);
        bool gain = shape.Rank == 1 && line.AsSpan(0, space).EndsWith("weight");
        long inputs = shape.Rank == 1 ? 1 : shape.Elements / shape[0];
        double deviation = gain ? 0 : shape.Rank == 1 ? 0.01 : 1 / Math.Sqrt(inputs);
        return new TensorToWrite(line[..space], format, shape, stream => Fill(stream, shape.Elements, type, gain ? 1 : 0, deviation));
    }

    private static void Fill(Stream stream, long elements, DType type, double mean, double deviation)
    {
        var random = new Random(1);
        var table = new double[1024];
        for (int i = 0; i < table.Length; i++) table[i] = mean + deviation * Math.Sqrt(12) * (random.NextDouble() - 0.5);
        if (type == DType.F32) Fill(stream, elements, Array.ConvertAll(table, value => (float)value));
        else if (type == DType.F16) Fill(stream, elements, Array.ConvertAll(table, value => (Half)value));
        else Fill(stream, elements, Array.ConvertAll(table, value => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16)));
    }

    /// <summary>Values of a table of 1024 in a random order.</summary>
    private static void Fill<T>(Stream stream, long elements, T[] table) where T : unmanaged
    {
        var part = new T[1 << 20];
        ulong state = (ulong)elements | 1;
        for (long done = 0; done < elements; done += part.Length)
        {
            int count = (int)Math.Min(part.Length, elements - done);
            for (int i = 0; i < count; i++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                part[i] = table[state & 1023];
            }
            stream.Write(MemoryMarshal.AsBytes(part.AsSpan(0, count)));
        }
    }
}
