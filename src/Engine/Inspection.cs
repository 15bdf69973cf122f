using MmKernels.Data;

namespace MmKernels.Engine;

/// <summary>What is in a checkpoint, read from its headers alone: no weight is touched.</summary>
public sealed class Inspection
{
    private readonly CheckpointSummary summary;

    private Inspection(CheckpointSummary summary) => this.summary = summary;

    /// <summary>The file that describes the checkpoint: the only one, or the index.</summary>
    public string Source => summary.Source;

    /// <summary>Elements of all tensors.</summary>
    public long Elements => summary.Elements;

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => summary.Bytes;

    /// <summary>One line per tensor, in the order of the files.</summary>
    public IReadOnlyList<InspectionRow> Tensors => [.. summary.Tensors.Select(tensor => Row(tensor, DataErrors.Show(tensor.Name), 0))];

    /// <summary>The tensors by the parts of their names, equal layers as one.</summary>
    public IReadOnlyList<InspectionRow> Tree
    {
        get
        {
            var rows = new List<InspectionRow>();
            foreach (TensorGroup child in summary.Tree().Children) Add(rows, child, DataErrors.Show(child.Name), 0);
            return rows;
        }
    }

    /// <summary>Totals per storage format.</summary>
    public IReadOnlyList<InspectionRow> Formats => [.. summary.Formats.Select(format => new InspectionRow(0, format.Format, format.Tensors, format.Format, null, format.Elements, format.Bytes, null))];

    /// <summary>What the files say about themselves; control characters are escaped, long values cut.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata
        => [.. summary.Files.SelectMany(file => file.Metadata).DistinctBy(pair => pair.Key).Select(pair => KeyValuePair.Create(DataErrors.Show(pair.Key), DataErrors.Show(pair.Value)))];

    /// <summary>Files of the checkpoint, and what is odd about it.</summary>
    public IReadOnlyList<string> Notes => [.. summary.Files.Select(file => $"{DataErrors.Show(file.Name)}: {(file.Present ? $"{file.Bytes} bytes" : "missing")}, {file.Tensors} tensors"), .. summary.Notes];

    /// <summary>Looks into a checkpoint folder, a shard index, or one safetensors or GGUF file.</summary>
    /// <exception cref="MmkException">MMK400 to MMK407, MMK416 to MMK418: nothing there, or not readable.</exception>
    public static Inspection Of(string path) => new(CheckpointSummary.Of(path));

    /// <summary>All of it as JSON.</summary>
    public string ToJson() => summary.ToJson();

    /// <summary>A group that holds nothing but one other shares its line.</summary>
    private static void Add(List<InspectionRow> rows, TensorGroup group, string name, int depth)
    {
        if (group is { Tensor: null, Children: [var only], Repeats: 1 })
        {
            Add(rows, only, $"{name}.{DataErrors.Show(only.Name)}", depth);
            return;
        }
        rows.Add(group is { Tensor: { } tensor, Children.Count: 0, Repeats: 1 } ? Row(tensor, name, depth)
            : new InspectionRow(depth, name, group.Tensors, group.Tensor?.Format, group.Tensor is null ? null : Shape(group.Tensor), group.Elements, group.Bytes, null));
        foreach (TensorGroup child in group.Children) Add(rows, child, DataErrors.Show(child.Name), depth + 1);
    }

    private static InspectionRow Row(TensorSummary tensor, string name, int depth)
        => new(depth, name, 1, tensor.Format, Shape(tensor), tensor.Elements, tensor.Bytes, DataErrors.Show(tensor.File));

    private static string? Shape(TensorSummary tensor) => tensor.Dims is null ? null : $"[{string.Join(", ", tensor.Dims)}]";
}
