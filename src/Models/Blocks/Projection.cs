using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Applies the linear maps of a block, or what a connector puts in their place.</summary>
/// <param name="g">The graph.</param>
/// <param name="instead">Stands in place of every map, with its slot, the map, its input and its residual; the maps themselves apply where left out.</param>
public sealed class Projection(Graph g, Func<Slot, Linear, Tensor, Tensor?, Tensor>? instead = null)
{
    /// <summary>x [.., inputs] -> [.., outputs], plus residual [.., outputs] where given.</summary>
    public Tensor Apply(Slot slot, Linear linear, Tensor x, Tensor? residual = null) => instead is null ? linear.Apply(g, x, residual) : instead(slot, linear, x, residual);

    /// <summary>x [.., inputs] -> [.., outputs] of each of up to three maps, with the bits of one after the other: in one launch where the maps themselves apply.</summary>
    public Tensor[] Apply(Tensor x, params ReadOnlySpan<(Slot Slot, Linear Linear)> maps)
    {
        if (instead is null)
        {
            var layers = new (Tensor, Tensor?)[maps.Length];
            for (int i = 0; i < maps.Length; i++) layers[i] = (maps[i].Linear.Weight, maps[i].Linear.Bias);
            return g.Linears(x, layers);
        }
        var results = new Tensor[maps.Length];
        for (int i = 0; i < maps.Length; i++) results[i] = instead(maps[i].Slot, maps[i].Linear, x, null);
        return results;
    }
}
