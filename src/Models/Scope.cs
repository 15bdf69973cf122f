using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>
/// A place among a checkpoint's names, from which a module asks for its weights:
/// <c>w["self_attn"]["q_proj"].Weight("weight", out, in)</c> is the tensor <c>self_attn.q_proj.weight</c> below the scope.
/// </summary>
public readonly struct Scope
{
    private readonly WeightStore store;

    internal Scope(WeightStore store, string path) => (this.store, Path) = (store, path);

    /// <summary>The names' common beginning, with its last dot; empty at the root.</summary>
    public string Path { get; }

    /// <summary>The scope one or several (dotted) names deeper.</summary>
    public Scope this[string name] => new(store, $"{Path}{name}.");

    /// <summary>A member of a numbered list.</summary>
    public Scope this[int index] => new(store, $"{Path}{index}.");

    /// <summary>The first of several published names (dotted; empty for the scope itself) under which the checkpoint holds anything; the first where none does.</summary>
    public Scope Under(params ReadOnlySpan<string> alternatives)
    {
        foreach (string name in alternatives)
        {
            Scope scope = name.Length == 0 ? this : this[name];
            if (store.HoldsUnder(scope.Path)) return scope;
        }
        return alternatives[0].Length == 0 ? this : this[alternatives[0]];
    }

    /// <summary>Whether the checkpoint has this tensor; false in a manifest.</summary>
    public bool Has(string name) => store.Holds(Path + name);

    /// <summary>A weight. Where it is missing or has another shape, the store notes it and a tensor without content comes back.</summary>
    /// <exception cref="MmkException">MMK610: it is stored in a type that kernels cannot read.</exception>
    public Tensor Weight(string name, params ReadOnlySpan<int> dims) => store.Take(Path + name, new Shape(dims));

    public override string ToString() => Path;
}
