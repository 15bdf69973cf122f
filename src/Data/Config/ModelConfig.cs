namespace MmKernels.Data;

/// <summary>
/// A model's config.json: the few facts that every system shares, and <see cref="Root"/> for all the others.
/// </summary>
public sealed class ModelConfig
{
    /// <summary>Names that published configs use for the language model's part, first match wins; without any the root itself describes it.</summary>
    private static readonly string[] textKeys = ["text_config", "llm_config", "language_config", "lang_config", "llm_cfg"];

    private static readonly string[] visionKeys = ["vision_config", "vision_tower_cfg", "vision_cfg", "visual"];

    private ModelConfig(ConfigObject root) => Root = root;

    /// <summary>All of the file.</summary>
    public ConfigObject Root { get; }

    /// <summary>For example <c>llava</c>; empty where the file names none (original repositories).</summary>
    public string ModelType => Root.FindString("model_type") ?? "";

    /// <summary>The classes that load this config, for example <c>LlavaForConditionalGeneration</c>.</summary>
    public string[] Architectures => Root.Strings("architectures", []);

    /// <summary>The language model's part; the root where the config is not nested.</summary>
    public ConfigObject Text => Part(textKeys) ?? Root;

    /// <summary>The vision encoder's part, or null.</summary>
    public ConfigObject? Vision => Part(visionKeys);

    /// <summary>The storage type that the weights were saved in (dtype, torch_dtype), or null where the file says nothing or "auto".</summary>
    /// <exception cref="MmkException">MMK411: a type that no checkpoint can have.</exception>
    public DType? DType
    {
        get
        {
            string key = Root.FirstOf("dtype", "torch_dtype");
            return Root.FindString(key) switch
            {
                null or "auto" => null,
                "float32" or "torch.float32" or "float" => MmKernels.DType.F32,
                "float16" or "torch.float16" or "half" => MmKernels.DType.F16,
                "bfloat16" or "torch.bfloat16" => MmKernels.DType.BF16,
                "float64" or "torch.float64" => MmKernels.DType.F64,
                _ => throw Root.Invalid(key, "float32, float16, bfloat16, float64 or auto"),
            };
        }
    }

    /// <summary>quantization_config: set where the weights are stored quantised; null for plain weights.</summary>
    public ConfigObject? Quantization => Root.FindObject("quantization_config");

    /// <summary>Refuses weights that are stored quantised by a method of the original frameworks (GPTQ, AWQ, bitsandbytes, fp8, …).</summary>
    /// <exception cref="MmkException">MMK420: the config has a quantization_config.</exception>
    public void RequirePlainWeights()
    {
        if (Quantization is not { } quantization) return;
        string method = quantization.FindString("quant_method") ?? (quantization.Bool("load_in_4bit", false) || quantization.Bool("load_in_8bit", false) ? "bitsandbytes" : "an unnamed method");
        throw DataErrors.Quantised(Root.FilePath, method);
    }

    /// <summary>Reads config.json from a checkpoint folder, or the file itself.</summary>
    /// <exception cref="MmkException">MMK400, MMK401, MMK402, MMK412.</exception>
    public static ModelConfig Open(string path) => Of(ConfigObject.Open(Directory.Exists(path) ? Path.Combine(path, "config.json") : path));

    /// <summary>The view of a config that is already read.</summary>
    public static ModelConfig Of(ConfigObject root) => new(root);

    private ConfigObject? Part(string[] keys)
    {
        foreach (string key in keys)
            if (Root.Find(key) is { ValueKind: System.Text.Json.JsonValueKind.Object }) return Root.FindObject(key);
        return null;
    }
}
