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

    /// <summary>Rows of a weight that several maps share; a row has the further dims.</summary>
    /// <exception cref="MmkException">MMK610.</exception>
    public Tensor Weight(string name, WeightRows rows, params ReadOnlySpan<int> dims) => store.Take(Path + name, rows, dims);

    /// <summary>Rows [own, inputs] of the transpose of a weight that is stored as [inputs, whole].</summary>
    /// <exception cref="MmkException">MMK610.</exception>
    public Tensor Transposed(string name, WeightRows rows, int inputs) => store.TakeTransposed(Path + name, rows, inputs);

    /// <summary>The weights of that name in the numbered scopes from 0 on, one below the other: [count, dim].</summary>
    /// <exception cref="MmkException">MMK610.</exception>
    public Tensor Stacked(string name, int count, int dim)
    {
        var weights = new Tensor[count];
        for (int i = 0; i < count; i++) weights[i] = this[i].Weight(name, dim);
        return store.Stack(weights, Path + name);
    }

    /// <summary>Chosen rows of a weight [count, dim], in single precision: [rows, dim].</summary>
    /// <exception cref="MmkException">MMK610.</exception>
    public Tensor Gathered(string name, int count, int dim, ReadOnlySpan<int> rows) => store.Gather(Weight(name, count, dim), rows, Path + name);

    public override string ToString() => Path;
}
