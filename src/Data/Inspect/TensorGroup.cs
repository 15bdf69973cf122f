namespace MmKernels.Data;

/// <summary>
/// The tensors below one part of the dotted names (<c>model.layers.0</c>). Numbered neighbours whose tensors have the same names, formats and shapes
/// are one group with <paramref name="Repeats"/> above 1, named for example <c>0..31</c>.
/// </summary>
/// <param name="Name">One part of the name.</param>
/// <param name="Repeats">How many equal neighbours the group stands for; children describe one of them, totals all.</param>
/// <param name="Tensor">The tensor whose name ends here, or null.</param>
/// <param name="Children">In the order of the names; numbers in the order of their values.</param>
/// <param name="Tensors">Number of tensors, those of all repeats.</param>
/// <param name="Elements">Number of elements, those of all repeats.</param>
/// <param name="Bytes">Bytes, those of all repeats.</param>
public sealed record TensorGroup(string Name, int Repeats, TensorSummary? Tensor, IReadOnlyList<TensorGroup> Children, int Tensors, long Elements, long Bytes)
{
    /// <summary>Deeper names stay whole: a hostile name of dots must not make a tree too deep to walk.</summary>
    private const int MaxDepth = 32;

    /// <summary>The tree of all tensors; its root has an empty name.</summary>
    public static TensorGroup Of(IEnumerable<TensorSummary> tensors)
    {
        var root = new Node();
        foreach (TensorSummary tensor in tensors)
        {
            Node node = root;
            foreach (string part in tensor.Name.Split('.', MaxDepth)) node = node.Child(part);
            node.Tensor = tensor;
        }
        return Build("", root);
    }

    private static TensorGroup Build(string name, Node node)
    {
        var children = new List<TensorGroup>(node.Children.Count);
        foreach ((string part, Node child) in node.Children.OrderBy(pair => pair.Key, PartOrder.Instance)) children.Add(Build(part, child));
        Merge(children);
        return new TensorGroup(name, 1, node.Tensor, children, children.Sum(child => child.Tensors) + (node.Tensor is null ? 0 : 1),
            children.Sum(child => child.Elements) + (node.Tensor?.Elements ?? 0), children.Sum(child => child.Bytes) + (node.Tensor?.Bytes ?? 0));
    }

    /// <summary>Joins runs of equal numbered neighbours.</summary>
    private static void Merge(List<TensorGroup> groups)
    {
        for (int i = 0; i < groups.Count; i++)
        {
            int end = i + 1;
            while (end < groups.Count && Follows(groups[i], groups[end], end - i)) end++;
            if (end - i < 2) continue;
            TensorGroup[] run = [.. groups[i..end]];
            groups[i] = run[0] with
            {
                Name = $"{run[0].Name}..{run[^1].Name}", Repeats = run.Length,
                Tensors = run.Sum(group => group.Tensors), Elements = run.Sum(group => group.Elements), Bytes = run.Sum(group => group.Bytes),
            };
            groups.RemoveRange(i + 1, end - i - 1);
        }
    }

    private static bool Follows(TensorGroup first, TensorGroup later, int distance)
        => int.TryParse(first.Name, out int a) && int.TryParse(later.Name, out int b) && (long)b - a == distance && SameLayout(first, later);

    private static bool SameLayout(TensorGroup a, TensorGroup b)
    {
        if (a.Children.Count != b.Children.Count || a.Repeats != b.Repeats || (a.Tensor is null) != (b.Tensor is null)) return false;
        if (a.Tensor is not null && b.Tensor is not null && (a.Tensor.Format != b.Tensor.Format || !SameDims(a.Tensor, b.Tensor))) return false;
        for (int i = 0; i < a.Children.Count; i++)
            if (a.Children[i].Name != b.Children[i].Name || !SameLayout(a.Children[i], b.Children[i])) return false;
        return true;
    }

    private static bool SameDims(TensorSummary a, TensorSummary b) => a.Dims is null || b.Dims is null ? a.Dims == b.Dims : a.Dims.SequenceEqual(b.Dims);

    private sealed class Node
    {
        public Dictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public TensorSummary? Tensor { get; set; }

        public Node Child(string part)
        {
            if (!Children.TryGetValue(part, out Node? child)) Children.Add(part, child = new Node());
            return child;
        }
    }

    private sealed class PartOrder : IComparer<string>
    {
        public static readonly PartOrder Instance = new();

        public int Compare(string? x, string? y)
            => int.TryParse(x, out int a) && int.TryParse(y, out int b) && a != b ? a.CompareTo(b) : string.CompareOrdinal(x, y);
    }
}
