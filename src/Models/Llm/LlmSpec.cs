namespace MmKernels.Models;

/// <summary>A language model as a value: a decoder, in some models with an encoder that reads the prompt for it.</summary>
public sealed record LlmSpec
{
    /// <summary>Rows of the embedding table and of the head.</summary>
    public required int Vocabulary { get; init; }

    public required int Hidden { get; init; }

    public required int Layers { get; init; }

    /// <summary>Positions that the model was made for.</summary>
    public required int Context { get; init; }

    public required NormSpec Norm { get; init; }

    public required AttentionSpec Attention { get; init; }

    public required MlpSpec Mlp { get; init; }

    /// <summary>How branches and norms are put together.</summary>
    public ResidualLayout Residual { get; init; } = new SerialResidual();

    /// <summary>Whether the head is the embedding table.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Whether the head has a bias; a tied one has none.</summary>
    public bool HeadBias { get; init; }

    /// <summary>Width of the embedding table where it is not Hidden: then maps without bias lie between (OPT-350m).</summary>
    public int? EmbeddingDim { get; init; }

    /// <summary>Factor of the embeddings of text.</summary>
    public float EmbeddingScale { get; init; } = 1f;

    /// <summary>Positions that are added to the embeddings.</summary>
    public LearnedPositions? Positions { get; init; }

    /// <summary>How positions are counted where it is not one by one (ChatGLM).</summary>
    public BlockPositions? Blocks { get; init; }

    /// <summary>The encoder of an encoder–decoder model.</summary>
    public EncoderSpec? Encoder { get; init; }

    /// <summary>Factor of the rows before the head.</summary>
    public float HeadScale { get; init; } = 1f;

    /// <summary>Logits kept between -cap and cap by a tanh.</summary>
    public float? LogitCap { get; init; }

    /// <summary>The beginning of the names of the decoder's stages.</summary>
    internal string Stage => Encoder is null ? "llm" : "llm.decoder";

    /// <summary>Where checkpoints keep the weights.</summary>
    public LlmNames Names { get; init; } = new();
}
