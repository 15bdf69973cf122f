namespace MmKernels.Kernels;

/// <summary>Copies the keys and values of new tokens behind those that the cache holds.</summary>
/// <remarks>
/// shapes  : keys, values [batch, tokens, width], first I32 [batch] -> cacheKeys, cacheValues [batch, capacity, width]: rows first[b] to first[b] + tokens - 1
/// launch  : grid elements / 2048, group 256, eight elements per thread
/// traffic : two elements read and written per element of keys; memory bound
/// numbers : one rounding to the cache's storage type; rows beyond the capacity are dropped
/// </remarks>
public static class CacheAppendKernel
{
    /// <summary>Writes keys and values into the cache at a position that lives on the device.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="keys">[batch, tokens, kvHeads · headDim], or without batch for one sequence.</param>
    /// <param name="values">Like keys.</param>
    /// <param name="cacheKeys">[batch, capacity, kvHeads · headDim], or without batch for one sequence.</param>
    /// <param name="cacheValues">Like cacheKeys.</param>
    /// <param name="first">I32 [batch]: rows that each sequence's cache holds already.</param>
    public static void CacheAppend(this Graph g, Tensor keys, Tensor values, Tensor cacheKeys, Tensor cacheValues, Tensor first)
    {
        AttentionShapes.Sequences(g, keys, out int batch, out int tokens, out int width);
        AttentionShapes.Sequences(g, cacheKeys, out int cacheBatch, out int capacity, out int cacheWidth);
        g.Require(keys.Shape == values.Shape && keys.DType == values.DType, keys, values);
        g.Require(cacheKeys.Shape == cacheValues.Shape && cacheKeys.DType == cacheValues.DType, cacheKeys, cacheValues);
        g.Require(batch == cacheBatch && width == cacheWidth && tokens <= capacity, keys, cacheKeys);
        g.Require(first.Shape.Elements == batch, first, keys);
        int elements = Elements.Count(g, keys);
        g.Launch(new KernelRef(typeof(CacheAppendKernel), nameof(Kernel), KernelRef.Element(keys.DType), KernelRef.Element(cacheKeys.DType)),
            Elements.Blocks(elements), Elements.GroupSize, keys, values, first, cacheKeys, cacheValues, elements, tokens, capacity, width);
        g.Work(0, 2 * keys.Bytes + 2L * elements * cacheKeys.DType.Bytes());
    }

    internal static void Kernel<T, TC>(In<T> keys, In<T> values, In<int> first, InOut<TC> cacheKeys, InOut<TC> cacheValues, int elements, int tokens, int capacity, int width)
        where T : unmanaged, IElement<T>
        where TC : unmanaged, IElement<TC>
    {
        int end = Elements.End;
        for (int i = Elements.First; i < elements && i < end; i += Warp.WarpSize)
        {
            int row = i / width, column = i - row * width;
            int sequence = row / tokens;
            int slot = first[sequence] + row - sequence * tokens;
            if (slot >= 0 && slot < capacity)
            {
                long to = ((long)sequence * capacity + slot) * width + column;
                cacheKeys[to] = (TC)(float)keys[i];
                cacheValues[to] = (TC)(float)values[i];
            }
        }
    }

    /// <summary>One of the two: <paramref name="cache"/> holds what was there before.</summary>
    public static void Reference(ReadOnlySpan<float> rows, ReadOnlySpan<int> first, Span<double> cache, int tokens, int capacity, int width)
    {
        for (int sequence = 0; sequence < first.Length; sequence++)
            for (int token = 0; token < tokens; token++)
                for (int column = 0; column < width; column++)
                    if (first[sequence] + token < capacity)
                        cache[(sequence * capacity + first[sequence] + token) * width + column] = rows[(sequence * tokens + token) * width + column];
    }
}
