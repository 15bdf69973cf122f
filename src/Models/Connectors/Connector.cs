namespace MmKernels.Models;

/// <summary>What connects an encoder with a language model. It answers three questions: what it taps, what it makes, what it hooks.</summary>
public abstract record Connector
{
    /// <summary>1. The encoder's hidden states that it reads (0 is the input of the first block): by default the last but one, hidden_states[-2].</summary>
    public virtual int[] Taps(VisionSpec vision) => [vision.Layers - 1];

    /// <summary>2. How many tokens it makes of a picture of that many patches.</summary>
    public abstract int Tokens(int rows, int columns);

    /// <summary>Asks the scope for every weight, here and only here.</summary>
    public abstract ConnectorModule Load(Scope w, VisionSpec vision, LlmSpec llm);
}
