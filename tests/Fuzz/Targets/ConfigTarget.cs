using System.Text.Json;
using MmKernels.Data;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>The JSON configs, through every typed view and every getter.</summary>
public sealed class ConfigTarget : FuzzTarget
{
    private static readonly string[] patterns = ["*config*.json", "special_tokens_map.json", "added_tokens.json", "chat_template.json"];

    public override string Name => "config";

    public override bool IsText => true;

    public override IReadOnlyList<string> Words { get; } =
    [
        "\"model_type\":", "\"llava\"", "\"llama\"", "\"qwen2_vl\"", "\"text_config\":", "\"vision_config\":", "\"rope_scaling\":", "\"rope_parameters\":", "\"eos_token_id\":", "\"torch_dtype\":",
        "\"added_tokens_decoder\":", "\"content\":", "\"chat_template\":", "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "\\ud800", "\\uDC00", "\uFEFF", "NaN", "-Infinity", "//", "1e999",
    ];

    public override IEnumerable<byte[]> Seeds()
        => Goldens.Folders("llava15").SelectMany(folder => patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    public override void Run(byte[] input)
    {
        ConfigObject root = ConfigObject.Parse(input, "fuzz");
        foreach (string key in root.Keys.Take(20)) ReadEveryWay(root, key);
        GenerationConfig generation = GenerationConfig.Parse(input, "fuzz");
        Try(() => _ = (generation.EosTokens, generation.Temperature, generation.TopK, generation.MaxNewTokens));
        TokenizerConfig tokenizer = TokenizerConfig.Parse(input, "fuzz");
        Try(() => _ = (tokenizer.Bos, tokenizer.Pad, tokenizer.MaxLength, tokenizer.PaddingSide));
        Try(() => tokenizer.AddedTokensById());
        Try(() => tokenizer.AdditionalSpecialTokens());
        Try(() => ChatTemplateFiles.FromConfig(root));
        ModelConfig model = ModelConfig.Of(root);
        Try(() => _ = (model.ModelType, model.Architectures, model.Vision?.FindInt("hidden_size"), model.Quantization));
        Try(() => _ = model.DType);
        Try(() => RopeConfig.Of(model.Text));
    }

    private static void ReadEveryWay(ConfigObject config, string key)
    {
        Try(() => config.Count(key));
        Try(() => config.Long(key));
        Try(() => config.Float(key));
        Try(() => config.Bool(key));
        Try(() => config.Choice(key, "left", "right"));
        Try(() => config.Ints(key));
        Try(() => config.Doubles(key));
        Try(() => config.Strings(key));
        Try(() => config.IntLists(key));
        Try(() => config.Objects(key));
        if (config.Find(key) is { ValueKind: JsonValueKind.Object } && config.Object(key) is var part)
            foreach (string inner in part.Keys.Take(5)) Try(() => part.Int(inner));
    }

    /// <summary>A value of the wrong type is refused without ending the run.</summary>
    private static void Try(Action read)
    {
        try { read(); }
        catch (MmkException) { }
    }
}
