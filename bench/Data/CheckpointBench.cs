using System.Diagnostics;
using MmKernels.Data;

namespace MmKernels.Bench;

/// <summary>A sharded checkpoint of 16 GB in sparse files: opening and reading one layer must touch only that. Needs no 16 GB of disk.</summary>
public static class CheckpointBench
{
    private const int Layers = 32, Hidden = 4096, Inner = 14336, KvDim = 1024, Vocabulary = 128256, Shards = 4;

    public static void Run()
    {
        string folder = Directory.CreateTempSubdirectory("mmk-bench").FullName;
        try
        {
            Write(folder);
            ProcessUse before = ProcessUse.Now();
            var clock = Stopwatch.StartNew();
            using Checkpoint checkpoint = Checkpoint.Open(folder);
            double opened = clock.Elapsed.TotalMilliseconds;
            Print($"open {checkpoint.Tensors.Sum(tensor => tensor.Bytes) / 1e9:0.00} GB, {checkpoint.Tensors.Count} tensors, {checkpoint.FilePaths.Count()} shards: {opened:0.0} ms", before);

            before = ProcessUse.Now();
            CheckpointTensor[] layer = [.. checkpoint.Tensors.Where(tensor => tensor.Name.StartsWith("model.layers.17.", StringComparison.Ordinal))];
            clock.Restart();
            long sum = 0;
            foreach (CheckpointTensor tensor in layer)
                for (long at = 0; at < tensor.Bytes; at += Environment.SystemPageSize) sum += tensor.Slice(at, 1)[0];
            Print($"touch every page of one layer, {layer.Sum(tensor => tensor.Bytes) / 1e6:0.0} MB (sum {sum}): {clock.Elapsed.TotalMilliseconds:0.0} ms", before);

            before = ProcessUse.Now();
            clock.Restart();
            CheckpointSummary summary = CheckpointSummary.Of(folder);
            Print($"summary of {summary.Tensors.Count} tensors: {clock.Elapsed.TotalMilliseconds:0.0} ms", before);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static void Print(string what, ProcessUse before)
    {
        ProcessUse now = ProcessUse.Now();
        Console.WriteLine(what);
        Console.WriteLine($"  read calls {(now.ReadCalls - before.ReadCalls) / 1e3:0.0} kB, fetched from disk {(now.Fetched - before.Fetched) / 1e3:0.0} kB, "
            + $"resident file pages +{(now.ResidentFiles - before.ResidentFiles) / 1e6:0.0} MB, resident +{(now.Resident - before.Resident) / 1e6:0.0} MB, peak {now.Peak / 1e6:0.0} MB");
    }

    /// <summary>The layout of an 8-billion-parameter Llama in bf16.</summary>
    private static void Write(string folder)
    {
        var tensors = new List<(string Name, Shape Shape)> { ("model.embed_tokens.weight", new Shape(Vocabulary, Hidden)) };
        for (int layer = 0; layer < Layers; layer++)
        {
            string at = $"model.layers.{layer}.";
            tensors.Add((at + "self_attn.q_proj.weight", new Shape(Hidden, Hidden)));
            tensors.Add((at + "self_attn.k_proj.weight", new Shape(KvDim, Hidden)));
            tensors.Add((at + "self_attn.v_proj.weight", new Shape(KvDim, Hidden)));
            tensors.Add((at + "self_attn.o_proj.weight", new Shape(Hidden, Hidden)));
            tensors.Add((at + "mlp.gate_proj.weight", new Shape(Inner, Hidden)));
            tensors.Add((at + "mlp.up_proj.weight", new Shape(Inner, Hidden)));
            tensors.Add((at + "mlp.down_proj.weight", new Shape(Hidden, Inner)));
            tensors.Add((at + "input_layernorm.weight", new Shape(Hidden)));
            tensors.Add((at + "post_attention_layernorm.weight", new Shape(Hidden)));
        }
        tensors.Add(("model.norm.weight", new Shape(Hidden)));
        tensors.Add(("lm_head.weight", new Shape(Vocabulary, Hidden)));

        var map = new List<string>();
        foreach ((string Name, Shape Shape)[] shard in tensors.Chunk((tensors.Count + Shards - 1) / Shards))
        {
            string file = $"model-{map.Count:00000}.safetensors";
            SafetensorsWriter.Write(Path.Combine(folder, file), shard.Select(tensor => new TensorToWrite(tensor.Name, TensorFormat.BF16, tensor.Shape, stream => Skip(stream, 2 * tensor.Shape.Elements))));
            map.AddRange(shard.Select(tensor => $"\"{tensor.Name}\": \"{file}\""));
        }
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), $"{{\"metadata\": {{}}, \"weight_map\": {{{string.Join(", ", map)}}}}}");
    }

    /// <summary>Leaves a hole: the file system stores nothing for it.</summary>
    private static void Skip(Stream stream, long bytes)
    {
        stream.Seek(bytes - 1, SeekOrigin.Current);
        stream.WriteByte(0);
    }
}
