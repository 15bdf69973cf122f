using System.Text;
using MmKernels.Data;

namespace MmKernels.Tests;

public class ConfigFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mmk").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    [Fact]
    public void ModelConfig_KnowsTypePartsAndDType()
    {
        Write("config.json", """{"model_type": "llava", "architectures": ["L"], "torch_dtype": "bfloat16", "text_config": {"model_type": "llama", "num_hidden_layers": 3}, "vision_config": {"hidden_size": 32}}""");
        ModelConfig config = ModelConfig.Open(folder);
        Assert.Equal("llava", config.ModelType);
        Assert.Equal(["L"], config.Architectures);
        Assert.Equal(DType.BF16, config.DType);
        Assert.Equal(3, config.Text.Int("num_hidden_layers"));
        Assert.Equal(32, config.Vision!.Int("hidden_size"));
        Assert.Null(config.Quantization);
    }

    [Fact]
    public void ModelConfig_WithoutParts_DescribesTheLanguageModelItself()
    {
        Write("config.json", """{"model_type": "llama", "hidden_size": 48}""");
        Assert.Equal(48, ModelConfig.Open(folder).Text.Int("hidden_size"));
        Assert.Null(ModelConfig.Open(folder).Vision);
    }

    [Fact]
    public void MissingConfig_IsAnErrorWithThePath()
        => Assert.Contains("config.json", Assert.Throws<MmkException>(() => ModelConfig.Open(folder)).Message);

    [Theory]
    [InlineData("""{"quantization_config": {"quant_method": "gptq", "bits": 4}}""", "'gptq'")]
    [InlineData("""{"quantization_config": {"load_in_4bit": true}}""", "'bitsandbytes'")]
    public void QuantisedWeights_AreRefusedByTheNameOfTheirMethod(string json, string method)
    {
        Write("config.json", json);
        MmkException error = Assert.Throws<MmkException>(() => ModelConfig.Open(folder).RequirePlainWeights());
        Assert.Equal(420, error.Number);
        Assert.Contains(method, error.Message);
    }

    [Fact]
    public void PlainWeights_PassTheCheckForQuantisedOnes()
    {
        Write("config.json", """{"quantization_config": null}""");
        ModelConfig.Open(folder).RequirePlainWeights();
    }

    [Theory]
    [InlineData("""{"model_type": "llama"}""", 10000.0, "default", 1.0)]
    [InlineData("""{"model_type": "llama", "rope_theta": 5e5, "rope_scaling": {"rope_type": "llama3", "factor": 8.0}}""", 5e5, "llama3", 1.0)]
    [InlineData("""{"model_type": "llama", "rope_parameters": {"rope_theta": 7.0, "rope_type": "default"}}""", 7.0, "default", 1.0)]
    [InlineData("""{"model_type": "phi3", "rope_scaling": {"type": "su", "short_factor": [1.0]}}""", 10000.0, "longrope", 1.0)]
    [InlineData("""{"model_type": "gpt_neox", "rotary_emb_base": 123, "rotary_pct": 0.5}""", 123.0, "default", 0.5)]
    [InlineData("""{"model_type": "phi"}""", 10000.0, "default", 0.5)]
    public void Rope_IsReadFromOldAndNewKeys(string json, double theta, string type, double partial)
    {
        RopeConfig rope = RopeConfig.Of(ConfigObject.Parse(Encoding.UTF8.GetBytes(json), "config.json"));
        Assert.Equal((theta, type, partial), (rope.Theta, rope.Type, rope.PartialFactor));
    }

    [Fact]
    public void GenerationConfig_WithoutTheFile_ReadsTheModelsConfig()
    {
        Write("config.json", """{"eos_token_id": [2, 7], "max_length": 64}""");
        GenerationConfig generation = GenerationConfig.Open(folder);
        Assert.Equal([2, 7], generation.EosTokens);
        Assert.Equal(64, generation.MaxLength);
        Assert.False(generation.DoSample);
        Assert.Equal((1f, 50, 1f), (generation.Temperature, generation.TopK, generation.TopP));
    }

    [Fact]
    public void TokenizerConfig_ReadsTokensAsTextAndAsObjects()
    {
        Write("tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "model_max_length": 1000000000000000019884624838656, "bos_token": {"__type": "AddedToken", "content": "<s>", "lstrip": true}, "eos_token": "</s>", "unk_token": null, "added_tokens_decoder": {"1": {"content": "<s>", "special": true}, "0": {"content": "a b"}}, "additional_special_tokens": ["<a>", {"content": "<b>", "rstrip": true}, "<c>"]}""");
        Write("special_tokens_map.json", """{"pad_token": "<pad>", "image_token": "<image>", "eos_token": "other"}""");
        Write("added_tokens.json", """{"<image>": 480}""");
        TokenizerConfig config = TokenizerConfig.Open(folder);
        Assert.Null(config.MaxLength);
        Assert.Equal(new AddedToken("<s>", false, true, false, false, true), config.Bos);
        Assert.Equal("</s>", config.Eos!.Content);
        Assert.Null(config.Unk);
        Assert.Equal("<pad>", config.Pad!.Content);
        Assert.Equal("<image>", config.Special("image_token")!.Content);
        Assert.Equal(["bos_token", "eos_token", "image_token", "pad_token"], config.SpecialTokenTexts().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(480, config.AddedTokens["<image>"]);
        Assert.Equal([0, 1], config.AddedTokensById().Keys);
        Assert.True(config.AddedTokensById()[0].Normalized);
        Assert.Equal(["<a>", "<b>", "<c>"], config.AdditionalSpecialTokens().Select(token => token.Content));
    }

    [Theory]
    [InlineData("""{"added_tokens_decoder": {"-1": {"content": "a"}}}""")]
    [InlineData("""{"added_tokens_decoder": {"1": {"content": "a"}, "01": {"content": "b"}}}""")]
    [InlineData("""{"added_tokens_decoder": {"1": {}}}""")]
    public void TokenizerConfig_RefusesBadIds(string json)
        => Assert.Throws<MmkException>(() => TokenizerConfig.Parse(Encoding.UTF8.GetBytes(json), "t.json").AddedTokensById());

    [Fact]
    public void ChatTemplates_JinjaFileWinsOverTokenizerConfig()
    {
        Write("tokenizer_config.json", """{"chat_template": "old"}""");
        Write("chat_template.jinja", "line\r\nnext");
        Write("additional_chat_templates/tool_use.jinja", "tools");
        IReadOnlyDictionary<string, string> templates = ChatTemplateFiles.Find(folder);
        Assert.Equal("line\nnext", templates["default"]);
        Assert.Equal("tools", templates["tool_use"]);
    }

    [Fact]
    public void ChatTemplates_LegacyJsonWinsOverProcessorAndTokenizer()
    {
        Write("tokenizer_config.json", """{"chat_template": [{"name": "default", "template": "t"}, {"name": "rag", "template": "r"}]}""");
        Assert.Equal("r", ChatTemplateFiles.Find(folder)["rag"]);
        Write("processor_config.json", """{"chat_template": "processor"}""");
        Assert.Equal("processor", ChatTemplateFiles.Find(folder)["default"]);
        Write("chat_template.json", """{"chat_template": "legacy"}""");
        Assert.Equal("legacy", ChatTemplateFiles.Find(folder)["default"]);
        Write("additional_chat_templates/x.jinja", "x");
        Assert.Equal(413, Assert.Throws<MmkException>(() => ChatTemplateFiles.Find(folder)).Number);
    }

    [Fact]
    public void EveryRecordedConfig_OpensWithItsTypedView()
    {
        int opened = 0;
        foreach (string root in Goldens.Roots)
        {
            foreach (string path in Directory.EnumerateFiles(root, "*config*.json", SearchOption.AllDirectories))
            {
                string parent = Path.GetDirectoryName(path)!;
                if (Path.GetFileName(path) == "tokenizer_config.json")
                {
                    TokenizerConfig tokenizer = TokenizerConfig.Open(parent);
                    _ = (tokenizer.Bos, tokenizer.Pad, tokenizer.MaxLength, tokenizer.PaddingSide, tokenizer.AddedTokensById(), tokenizer.AdditionalSpecialTokens());
                }
                else if (Path.GetFileName(path) == "generation_config.json") _ = GenerationConfig.Open(parent).EosTokens;
                else if (Path.GetFileName(path) == "config.json")
                {
                    ModelConfig config = ModelConfig.Open(path);
                    _ = (config.ModelType, config.DType, config.Text.Keys.Count(), config.Vision?.Keys.Count(), RopeConfig.Of(config.Text));
                }
                else ConfigObject.Open(path);
                opened++;
            }
        }
        Assert.True(opened > 0, "no fixture root holds a config");
    }
}
