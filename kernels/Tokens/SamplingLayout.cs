namespace MmKernels.Kernels;

/// <summary>Where a row of sampling parameters keeps what: they live on the device, so that one recorded graph serves every request.</summary>
public static class SamplingLayout
{
    /// <summary>Of the F32 row: 0 takes the largest score;</summary>
    public const int Temperature = 0;

    /// <summary>the share of the probability that is kept, 1 for all;</summary>
    public const int TopP = 1;

    /// <summary>the least probability beside the largest that is kept;</summary>
    public const int MinP = 2;

    /// <summary>the factor of tokens that prompt or answer have, 1 for none;</summary>
    public const int Repetition = 3;

    /// <summary>what tokens lose that the answer has;</summary>
    public const int Presence = 4;

    /// <summary>what they lose for each time.</summary>
    public const int Frequency = 5;

    /// <summary>Numbers of an F32 row.</summary>
    public const int Chances = 6;

    /// <summary>Of the I32 row: the tokens that are kept, 0 for all;</summary>
    public const int TopK = 0;

    /// <summary>the two halves of the seed;</summary>
    public const int SeedLow = 1;

    public const int SeedHigh = 2;

    /// <summary>which of a seed's random sequences is drawn from.</summary>
    public const int Sequence = 3;

    /// <summary>Numbers of an I32 row.</summary>
    public const int Choices = 4;
}
