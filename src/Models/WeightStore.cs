using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// The weights that a model asks for: tensors of its checkpoints, placed on the device, or (in a manifest) names and shapes alone.
/// Problems are collected while the model is built, so that <see cref="Check"/> can report all of them at once.
/// </summary>
public sealed class WeightStore
{
    private readonly Accelerator? accelerator;
    private readonly IReadOnlyList<Checkpoint> checkpoints;
    private readonly DType? random;
    private readonly Dictionary<string, Tensor> taken = [];
    private readonly List<string> problems = [];
    private readonly List<string> manifest = [];
    private readonly HashSet<string> listed = [];

    private WeightStore(Accelerator? accelerator, IReadOnlyList<Checkpoint> checkpoints, DType? random = null) => (this.accelerator, this.checkpoints, this.random) = (accelerator, checkpoints, random);

    /// <summary>The root of all names.</summary>
    public Scope Root => new(this, "");

    /// <summary>Every weight asked for, as <c>name [shape]</c>, in the order of asking.</summary>
    public IReadOnlyList<string> Manifest => manifest;

    /// <summary>Weights from checkpoints, the first that has a name wins; they must stay open while the accelerator lives.</summary>
    public static WeightStore From(Accelerator accelerator, params IReadOnlyList<Checkpoint> checkpoints) => new(accelerator, checkpoints);

    /// <summary>No weights: the models built from it cannot run, but <see cref="Manifest"/> says what they need.</summary>
    /// <param name="layouts">Checkpoints whose way of naming counts; without any, the first published one does.</param>
    public static WeightStore ForManifest(params IReadOnlyList<Checkpoint> layouts) => new(null, layouts);

    /// <summary>Random weights of that type, for measuring models whose checkpoints are not at hand.</summary>
    public static WeightStore Random(Accelerator accelerator, DType type) => new(accelerator, [], type);

    /// <summary>Reports what was missing or had the wrong shape.</summary>
    /// <exception cref="MmkException">MMK600: every problem, with the nearest names.</exception>
    public void Check()
    {
        if (problems.Count > 0) throw ModelErrors.Weights(string.Join(" and ", checkpoints.Select(checkpoint => checkpoint.Source)), problems);
    }

    internal bool Holds(string name) => Find(name) is not null;

    internal bool HoldsUnder(string prefix) => checkpoints.Count == 0 || checkpoints.Any(checkpoint => checkpoint.Names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)));

    internal Tensor Take(string name, Shape shape)
    {
        if (taken.TryGetValue(name, out Tensor? known)) return known;
        if (listed.Add(name)) manifest.Add($"{name} {shape}");
        return taken[name] = (accelerator is null ? null : Place(accelerator, name, shape)) ?? Tensor.Declare(DType.F32, shape, name);
    }

    internal Tensor Take(string name, WeightRows rows, ReadOnlySpan<int> dims)
    {
        var whole = new Shape([rows.Whole, .. dims]);
        if (rows.Own == rows.Whole) return Take(name, whole);
        string key = $"{name} {rows}";
        if (taken.TryGetValue(key, out Tensor? known)) return known;
        if (listed.Add(name)) manifest.Add($"{name} {whole}");
        return taken[key] = (accelerator is null ? null : PlaceRows(accelerator, name, whole, rows)) ?? Tensor.Declare(DType.F32, new Shape([rows.Own, .. dims]), name);
    }

    internal Tensor TakeTransposed(string name, WeightRows rows, int inputs)
    {
        string key = $"{name} transposed";
        if (!taken.TryGetValue(key, out Tensor? transposed))
        {
            Tensor stored = Take(name, new Shape(inputs, rows.Whole));
            transposed = taken[key] = accelerator is null || problems.Count > 0 ? Tensor.Declare(DType.F32, new Shape(rows.Whole, inputs), name) : Transpose(accelerator, stored, name);
        }
        return rows.Groups == 1 ? transposed.Rows(rows.Offset, rows.Count) : throw new ArgumentException("rows of a transposed weight lie together", nameof(rows));
    }

    /// <summary>Weights of one shape, one below the other.</summary>
    internal Tensor Stack(IReadOnlyList<Tensor> weights, string name)
    {
        var shape = new Shape([weights.Count, .. weights[0].Shape.Dims]);
        if (accelerator is null || problems.Count > 0) return Tensor.Declare(DType.F32, shape, name);
        Tensor stack = accelerator.Allocate(weights[0].DType, shape, name);
        for (int i = 0; i < weights.Count; i++) accelerator.Copy(weights[i], stack.Rows(i, 1));
        return stack;
    }

    /// <summary>Rows of a weight in an order of their own, in single precision.</summary>
    internal Tensor Gather(Tensor weight, ReadOnlySpan<int> rows, string name)
    {
        if (accelerator is null || problems.Count > 0) return Tensor.Declare(DType.F32, new Shape(rows.Length, weight.Shape[1]), name);
        var g = new Graph(accelerator);
        return Own(accelerator, g, g.Cast(g.GatherRows(weight, g.Constant(DType.I32, new Shape(rows.Length), rows)), DType.F32), name);
    }

    private static Tensor Transpose(Accelerator device, Tensor stored, string name)
    {
        var g = new Graph(device);
        return Own(device, g, g.Transpose(stored), name);
    }

    /// <summary>What a graph makes, in memory of its own.</summary>
    private static Tensor Own(Accelerator device, Graph g, Tensor made, string name)
    {
        Tensor result = g.Keep(made);
        using GraphPlan plan = g.Plan();
        plan.Run();
        Tensor own = device.Allocate(result.DType, result.Shape, name);
        device.Copy(result, own);
        return own;
    }

    private CheckpointTensor? Find(string name)
    {
        foreach (Checkpoint checkpoint in checkpoints)
            if (checkpoint.Find(name) is CheckpointTensor tensor) return tensor;
        return null;
    }

    private Tensor? Place(Accelerator device, string name, Shape shape)
    {
        if (random is { } drawn) return RandomWeights.Draw(device, drawn, shape, name);
        if (Checked(name, shape) is not CheckpointTensor source) return null;
        DType type = source.DType!.Value;
        if (device.CanWrap(source.Address)) return device.Wrap(type, shape, source.Address, name);
        Tensor copy = device.Allocate(type, shape, name);
        Write(device, copy, 0, source, 0, source.Bytes);
        return copy;
    }

    /// <summary>Rows that lie together are used where they are, those that alternate with others' are gathered.</summary>
    private Tensor? PlaceRows(Accelerator device, string name, Shape whole, WeightRows rows)
    {
        if (random is { } drawn) return RandomWeights.Draw(device, drawn, new Shape([rows.Own, .. whole.Dims[1..]]), name);
        if (Checked(name, whole) is not CheckpointTensor source) return null;
        DType type = source.DType!.Value;
        var shape = new Shape([rows.Own, .. whole.Dims[1..]]);
        long rowBytes = source.Bytes / rows.Whole;
        nint first = source.Address + (nint)(rows.Offset * rowBytes);
        if (rows.Groups == 1 && device.CanWrap(first)) return device.Wrap(type, shape, first, name);
        Tensor copy = device.Allocate(type, shape, name);
        for (long group = 0; group < rows.Groups; group++)
            Write(device, copy, group * rows.Count * rowBytes, source, (group * rows.Stride + rows.Offset) * rowBytes, rows.Count * rowBytes);
        return copy;
    }

    private static void Write(Accelerator device, Tensor to, long at, CheckpointTensor source, long from, long bytes)
    {
        const int Chunk = 1 << 30;
        for (long offset = 0; offset < bytes; offset += Chunk)
            device.Write(to, at + offset, source.Slice(from + offset, (int)Math.Min(Chunk, bytes - offset)));
    }

    /// <summary>A tensor of the checkpoints, or null where it is missing or has another shape, which is noted.</summary>
    private CheckpointTensor? Checked(string name, Shape shape)
    {
        if (Find(name) is not CheckpointTensor source)
        {
            List<string> nearest = NearestNames.Find(name, checkpoints.SelectMany(checkpoint => checkpoint.Names), 3);
            Note($"{name} {shape} is missing" + (nearest.Count > 0 ? $"; the nearest names are {string.Join(", ", nearest)}" : ""));
            return null;
        }
        if (source.DType is not (DType.F32 or DType.F16 or DType.BF16)) throw ModelErrors.WeightType(name, source.Format.Name());
        if (source.Shape != shape)
        {
            Note($"{name} has the shape {source.Shape} where {shape} is needed");
            return null;
        }
        return source;
    }

    /// <summary>Maps that share a weight find the same problem.</summary>
    private void Note(string problem)
    {
        if (!problems.Contains(problem)) problems.Add(problem);
    }
}
