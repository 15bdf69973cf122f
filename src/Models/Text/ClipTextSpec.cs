using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The text transformer of CLIP.</summary>
/// <remarks>source: Radford et al. 2021, arXiv:2103.00020; transformers, CLIPTextModelWithProjection.</remarks>
public sealed record ClipTextSpec
{
    /// <summary>What the first published configs call the end token; with it, the end is where the highest id first stands.</summary>
    private const int NoEndToken = 2;

    public required int Vocabulary { get; init; }

    public required int Layers { get; init; }

    /// <summary>Positions of the table.</summary>
    public required int Context { get; init; }

    public required TransformerSpec Transformer { get; init; }

    /// <summary>The token whose row stands for the text; null where the highest id marks it.</summary>
    public required int? EndToken { get; init; }

    /// <summary>Width of the projected row; null where the checkpoint holds no projection.</summary>
    public int? ProjectionDim { get; init; }

    /// <summary>The encoder that a text_config describes.</summary>
    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong.</exception>
    public static ClipTextSpec Read(ConfigObject config, bool projects) => new()
    {
        Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
        Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
        Context = config.CountUpTo("max_position_embeddings", ConfigBounds.Context),
        Transformer = TransformerSpec.Read(config),
        EndToken = config.Int("eos_token_id") is var end && end != NoEndToken ? end : null,
        ProjectionDim = projects ? config.CountUpTo("projection_dim", ConfigBounds.Hidden) : null,
    };

    /// <summary>The row of a text that stands for all of it: its first end token; the first row where it has none.</summary>
    public int EndOf(ReadOnlySpan<int> ids)
    {
        int wanted = EndToken ?? 0;
        if (EndToken is null)
            foreach (int id in ids) wanted = Math.Max(wanted, id);
        return Math.Max(0, ids.IndexOf(wanted));
    }
}
