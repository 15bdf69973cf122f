using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>Where a checkpoint keeps a linear map.</summary>
/// <param name="Name">The scope of its <c>weight</c> and <c>bias</c>.</param>
/// <param name="Rows">Its rows, where it shares the weight with other maps.</param>
/// <param name="Transposed">Whether the weight is stored as [inputs, outputs] (GPT-2's Conv1D).</param>
public sealed record LinearPlace(string Name, WeightRows? Rows = null, bool Transposed = false)
{
    public static implicit operator LinearPlace(string name) => new(name);

    /// <summary>The map with its weights, in which <paramref name="w"/> is the scope that <see cref="Name"/> counts from.</summary>
    public Linear Load(Scope w, int inputs, int outputs, bool bias)
    {
        Scope own = w[Name];
        WeightRows rows = Rows ?? new WeightRows(1, outputs, 0, outputs);
        Tensor weight = Transposed ? own.Transposed("weight", rows, inputs) : own.Weight("weight", rows, inputs);
        return new Linear(weight, bias ? own.Weight("bias", rows) : null);
    }

    /// <summary>Queries, keys and values whose rows lie one after the other in one weight.</summary>
    public static (LinearPlace Query, LinearPlace Key, LinearPlace Value) Blocked(string name, int heads, int kvHeads, int headDim, bool transposed = false)
        => Grouped(name, 1, heads * headDim, kvHeads * headDim, transposed);

    /// <summary>Queries, keys and values whose rows alternate: of every head of keys its queries' heads, itself, its values.</summary>
    public static (LinearPlace Query, LinearPlace Key, LinearPlace Value) PerHead(string name, int heads, int kvHeads, int headDim)
        => Grouped(name, kvHeads, heads / kvHeads * headDim, headDim, transposed: false);

    private static (LinearPlace, LinearPlace, LinearPlace) Grouped(string name, int groups, int queries, int keys, bool transposed)
    {
        int stride = queries + 2 * keys;
        return (new(name, new(groups, stride, 0, queries), transposed), new(name, new(groups, stride, queries, keys), transposed),
            new(name, new(groups, stride, queries + keys, keys), transposed));
    }
}
