namespace MmKernels.Kernels;

/// <summary>Philox 4x32-10: random numbers as a function of a key and a counter, without state, the same bits on every device.</summary>
/// <remarks>source: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3 (SC'11); its known answers are in the tests</remarks>
public static class Philox
{
    private const int Rounds = 10;

    /// <summary>The 64 random bits of one draw: a seed's, for a sequence and a position in it.</summary>
    public static ulong Draw(uint seedLow, uint seedHigh, uint sequence, uint position)
    {
        uint x0 = position, x1 = sequence, x2 = 0, x3 = 0;
        Permute(ref x0, ref x1, ref x2, ref x3, seedLow, seedHigh);
        return ((ulong)x1 << 32) | x0;
    }

    /// <summary>Turns a counter of four words into four random words.</summary>
    public static void Permute(ref uint x0, ref uint x1, ref uint x2, ref uint x3, uint key0, uint key1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong a = (ulong)x0 * 0xD2511F53u, b = (ulong)x2 * 0xCD9E8D57u;
            uint y0 = (uint)(b >> 32) ^ x1 ^ key0, y2 = (uint)(a >> 32) ^ x3 ^ key1;
            (x0, x1, x2, x3) = (y0, (uint)b, y2, (uint)a);
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }
    }
}
