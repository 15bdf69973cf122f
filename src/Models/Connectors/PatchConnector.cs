namespace MmKernels.Models;

/// <summary>A connector that makes one token of every patch of one hidden state.</summary>
/// <param name="Tap">The hidden state it reads, 0 to layers.</param>
/// <param name="KeepClassToken">Whether the class token becomes a token of the prompt too.</param>
public abstract record PatchConnector(int Tap, bool KeepClassToken) : Connector
{
    public override int[] Taps(VisionSpec vision) => [Tap];

    public override int Tokens(int rows, int columns) => rows * columns + (KeepClassToken ? 1 : 0);
}
