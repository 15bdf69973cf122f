namespace MmKernels.Engine;

/// <summary>Why an answer ended.</summary>
public enum StopReason
{
    /// <summary>The model closed it.</summary>
    EndToken,

    /// <summary>A stop text came.</summary>
    StopText,

    /// <summary>The limit of new tokens.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextFull,

    Cancelled,
}
