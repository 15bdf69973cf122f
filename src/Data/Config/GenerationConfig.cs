namespace MmKernels.Data;

/// <summary>generation_config.json: how the publisher wants tokens to be chosen. Defaults are those of transformers' GenerationConfig.</summary>
public sealed class GenerationConfig
{
    private GenerationConfig(ConfigObject root) => Root = root;

    /// <summary>All of the file.</summary>
    public ConfigObject Root { get; }

    /// <summary>Sampling; greedy (or beams) where false.</summary>
    public bool DoSample => Root.Bool("do_sample", false);

    public float Temperature => Root.Float("temperature", 1f);

    /// <summary>Candidates kept before sampling; 0 keeps all.</summary>
    public int TopK => Root.Int("top_k", 50);

    public float TopP => Root.Float("top_p", 1f);

    /// <summary>Null where no minimum probability is set.</summary>
    public double? MinP => Root.FindDouble("min_p");

    public float RepetitionPenalty => Root.Float("repetition_penalty", 1f);

    public int NoRepeatNgramSize => Root.Int("no_repeat_ngram_size", 0);

    public int Beams => Root.Count("num_beams", 1);

    public float LengthPenalty => Root.Float("length_penalty", 1f);

    /// <summary>Prompt and new tokens together; applies only where <see cref="MaxNewTokens"/> is null.</summary>
    public int MaxLength => Root.Int("max_length", 20);

    public int? MaxNewTokens => Root.FindInt("max_new_tokens");

    public int MinNewTokens => Root.Int("min_new_tokens", 0);

    public int? BosToken => Root.FindInt("bos_token_id");

    public int? PadToken => Root.FindInt("pad_token_id");

    /// <summary>Any of these ends the text.</summary>
    public int[] EosTokens => Root.Ints("eos_token_id", []);

    public int? DecoderStartToken => Root.FindInt("decoder_start_token_id");

    public int[] SuppressTokens => Root.Ints("suppress_tokens", []);

    public int[] BeginSuppressTokens => Root.Ints("begin_suppress_tokens", []);

    /// <summary>Reads generation_config.json of a checkpoint folder; where there is none, the same keys of config.json, as transformers does.</summary>
    /// <exception cref="MmkException">MMK400, MMK401, MMK402, MMK412.</exception>
    public static GenerationConfig Open(string folder)
    {
        string path = Path.Combine(folder, "generation_config.json");
        if (File.Exists(path)) return new GenerationConfig(ConfigObject.Open(path));
        string config = Path.Combine(folder, "config.json");
        return new GenerationConfig(File.Exists(config) ? ConfigObject.Open(config) : ConfigObject.Empty(path));
    }

    /// <summary>From memory; <paramref name="filePath"/> is the name in errors.</summary>
    /// <exception cref="MmkException">MMK401, MMK402, MMK412.</exception>
    public static GenerationConfig Parse(ReadOnlyMemory<byte> utf8, string filePath) => new(ConfigObject.Parse(utf8, filePath));
}
