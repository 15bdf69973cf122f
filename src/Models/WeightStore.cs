using MmKernels.Data;
using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>
/// The weights that a model asks for: tensors of its checkpoints, placed on the device, or (in a manifest) names and shapes alone.
/// Problems are collected while the model is built, so that <see cref="Check"/> can report all of them at once.
/// </summary>
public sealed class WeightStore
{
    private readonly Accelerator? accelerator;
    private readonly IReadOnlyList<Checkpoint> checkpoints;
    private readonly Dictionary<string, Tensor> taken = [];
    private readonly List<string> problems = [];
    private readonly List<string> manifest = [];

    private WeightStore(Accelerator? accelerator, IReadOnlyList<Checkpoint> checkpoints) => (this.accelerator, this.checkpoints) = (accelerator, checkpoints);

    /// <summary>The root of all names.</summary>
    public Scope Root => new(this, "");

    /// <summary>Every weight asked for, as <c>name [shape]</c>, in the order of asking.</summary>
    public IReadOnlyList<string> Manifest => manifest;

    /// <summary>Weights from checkpoints, the first that has a name wins; they must stay open while the accelerator lives.</summary>
    public static WeightStore From(Accelerator accelerator, params IReadOnlyList<Checkpoint> checkpoints) => new(accelerator, checkpoints);

    /// <summary>No weights: the models built from it cannot run, but <see cref="Manifest"/> says what they need.</summary>
    /// <param name="layouts">Checkpoints whose way of naming counts; without any, the first published one does.</param>
    public static WeightStore ForManifest(params IReadOnlyList<Checkpoint> layouts) => new(null, layouts);

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
        manifest.Add($"{name} {shape}");
        return taken[name] = (accelerator is null ? null : Place(accelerator, name, shape)) ?? Tensor.Declare(DType.F32, shape, name);
    }

    private CheckpointTensor? Find(string name)
    {
        foreach (Checkpoint checkpoint in checkpoints)
            if (checkpoint.Find(name) is CheckpointTensor tensor) return tensor;
        return null;
    }

    private Tensor? Place(Accelerator device, string name, Shape shape)
    {
        if (Find(name) is not CheckpointTensor source)
        {
            List<string> nearest = NearestNames.Find(name, checkpoints.SelectMany(checkpoint => checkpoint.Names), 3);
            problems.Add($"{name} {shape} is missing" + (nearest.Count > 0 ? $"; the nearest names are {string.Join(", ", nearest)}" : ""));
            return null;
        }
        if (source.DType is not (DType.F32 or DType.F16 or DType.BF16)) throw ModelErrors.WeightType(name, source.Format.Name());
        if (source.Shape != shape)
        {
            problems.Add($"{name} has the shape {source.Shape} where {shape} is needed");
            return null;
        }
        DType type = source.DType.Value;
        if (device.CanWrap(source.Address)) return device.Wrap(type, shape, source.Address, name);
        Tensor copy = device.Allocate(type, shape, name);
        const int Chunk = 1 << 30;
        for (long offset = 0; offset < source.Bytes; offset += Chunk)
            device.Write(copy, offset, source.Slice(offset, (int)Math.Min(Chunk, source.Bytes - offset)));
        return copy;
    }
}
