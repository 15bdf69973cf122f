using MmKernels.Data;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>An index of shards.</summary>
public sealed class ShardIndexTarget : FuzzTarget
{
    public override string Name => "shard-index";

    public override bool IsText => true;

    public override IReadOnlyList<string> Words { get; } = ["\"weight_map\":", "\"metadata\":", "\"total_size\":", "..", "/", "\\\\", "C:", "{", "}", "[", "\"", ",", "\\ud800", "model-00001-of-00002.safetensors"];

    public override IEnumerable<byte[]> Seeds()
        => Goldens.Folders("safetensors").SelectMany(folder => Directory.EnumerateFiles(folder, "*.index.json", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    public override void Run(byte[] input)
    {
        foreach (string shard in ShardIndex.Parse(input, "fuzz").WeightMap.Values)
        {
            string root = Path.GetFullPath("/folder");
            if (!Path.GetFullPath(Path.Combine(root, shard)).StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new InvalidOperationException($"{shard} leaves the folder");
        }
    }
}
