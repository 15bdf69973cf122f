namespace MmKernels.Kernels;

/// <summary>Moves the state of decoding on by one token: what follows a sampled token, so that one recorded graph serves every token.</summary>
/// <remarks>
/// shapes  : sampled I32 [batch]; tokens, positions, lengths I32 [batch]; output I32 [capacity, batch]; step I32 [1]
/// launch  : one block of 128 threads
/// traffic : negligible
/// numbers : tokens = sampled, output[step mod capacity] = sampled, positions, lengths and step grow by one
/// </remarks>
public static class AdvanceKernel
{
    private const int GroupSize = 128;

    /// <summary>Stores the sampled tokens and counts on.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="sampled">I32 [batch]: the new tokens.</param>
    /// <param name="tokens">I32 [batch]: becomes sampled; what the next replay embeds.</param>
    /// <param name="positions">I32 [batch]: rotary positions of the tokens that the next replay computes.</param>
    /// <param name="lengths">I32 [batch]: rows that the cache holds, which is where the next replay appends.</param>
    /// <param name="output">I32 [capacity, batch]: ring of sampled tokens, read by the host.</param>
    /// <param name="step">I32 [1]: tokens sampled so far; its remainder by capacity is the ring's next row.</param>
    public static void Advance(this Graph g, Tensor sampled, Tensor tokens, Tensor positions, Tensor lengths, Tensor output, Tensor step)
    {
        int batch = (int)sampled.Shape.Elements;
        g.Require(tokens.Shape.Elements == batch && positions.Shape.Elements == batch && lengths.Shape.Elements == batch, tokens, positions, lengths);
        g.Require(output.Shape.Rank == 2 && output.Shape[0] > 0 && output.Shape[1] == batch, output, sampled);
        g.Require(step.Shape.Elements == 1, step);
        g.Launch(new KernelRef(typeof(AdvanceKernel), nameof(Kernel)), 1, GroupSize, sampled, tokens, positions, lengths, output, step, batch, output.Shape[0]);
    }

    internal static void Kernel(In<int> sampled, Out<int> tokens, InOut<int> positions, InOut<int> lengths, InOut<int> output, InOut<int> step, int batch, int capacity)
    {
        int row = step[0] % capacity;
        Group.Barrier();   // everyone has read step before it grows
        for (int i = Group.IdxX; i < batch; i += GroupSize)
        {
            tokens[i] = sampled[i];
            output[row * batch + i] = sampled[i];
            positions[i] += 1;
            lengths[i] += 1;
        }
        if (Group.IdxX == 0) step[0] += 1;
    }

    public static void Reference(ReadOnlySpan<int> sampled, Span<int> tokens, Span<int> positions, Span<int> lengths, Span<int> output, Span<int> step)
    {
        int batch = sampled.Length, row = step[0] % (output.Length / batch);
        for (int i = 0; i < batch; i++)
        {
            tokens[i] = output[row * batch + i] = sampled[i];
            positions[i]++;
            lengths[i]++;
        }
        step[0]++;
    }
}
