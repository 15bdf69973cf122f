namespace MmKernels.Engine;

/// <summary>What a stage of a model takes on a device.</summary>
/// <param name="Stage">The stage and its size, or what the device can do at best.</param>
/// <param name="Milliseconds">The best of several runs.</param>
/// <param name="TokensPerSecond">Tokens read or made; 0 where there are none.</param>
/// <param name="GigaFlops">10^9 useful operations per second; 0 where memory is the measure.</param>
/// <param name="GigaBytes">10^9 bytes of weights per second; 0 where operations are the measure.</param>
/// <param name="Share">Of the best matrix product or the best reading of the same run; 0 where there is none.</param>
/// <param name="ArenaBytes">Intermediate values at the peak.</param>
public sealed record ModelTiming(string Stage, double Milliseconds, double TokensPerSecond = 0, double GigaFlops = 0, double GigaBytes = 0, double Share = 0, long ArenaBytes = 0);
