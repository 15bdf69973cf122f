using MmKernels.Graphs;

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

/// <summary>A connector with its weights.</summary>
public abstract class ConnectorModule
{
    /// <summary>Makes them: tokens for the prompt, memory for the hooks.</summary>
    public abstract Visual Encode(Graph g, VisionFeatures features);

    /// <summary>3. Hooks in every decoder block: before it,</summary>
    public virtual Tensor BeforeBlock(Graph g, int layer, Tensor x, Visual visual, TokenMap map) => x;

    /// <summary>after it,</summary>
    public virtual Tensor AfterBlock(Graph g, int layer, Tensor x, Visual visual, TokenMap map) => x;

    /// <summary>and in place of its linear maps.</summary>
    public virtual Tensor Project(Graph g, int layer, Slot slot, Tensor x, Linear text, Tensor? residual, TokenMap map) => text.Apply(g, x, residual);
}

/// <summary>The linear maps of a decoder block.</summary>
public enum Slot
{
    Query, Key, Value, Output, Gate, Up, Down,
}

/// <summary>What a connector made of pictures.</summary>
/// <param name="Tokens">Rows for the prompt, picture after picture, [images · tokensPerImage, LLM hidden]; null where it makes none.</param>
/// <param name="TokensPerImage">Rows of each picture.</param>
/// <param name="Memory">What hooks read, [images · memory, hidden]; null where there are none.</param>
public sealed record Visual(Tensor? Tokens, int TokensPerImage, Tensor? Memory = null);
