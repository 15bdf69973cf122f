using System.Globalization;
using System.Text.Json;

namespace MmKernels.Data;

/// <summary>
/// What tokenizer_config.json, special_tokens_map.json and added_tokens.json of a checkpoint folder say together. tokenizer_config.json wins;
/// special_tokens_map.json fills what it lacks.
/// </summary>
public sealed class TokenizerConfig
{
    private const string FileName = "tokenizer_config.json";

    private readonly ConfigObject? specialTokensMap;

    private TokenizerConfig(ConfigObject root, ConfigObject? specialTokensMap, IReadOnlyDictionary<string, int> addedTokens)
    {
        (Root, this.specialTokensMap, AddedTokens) = (root, specialTokensMap, addedTokens);
    }

    /// <summary>All of tokenizer_config.json.</summary>
    public ConfigObject Root { get; }

    /// <summary>For example <c>LlamaTokenizer</c>; null where not said.</summary>
    public string? TokenizerClass => Root.FindString("tokenizer_class");

    /// <summary>Whether the tokenizer puts the token at the start; null leaves it to the tokenizer class.</summary>
    public bool? AddBosToken => Root.Has("add_bos_token") ? Root.Bool("add_bos_token") : null;

    /// <summary>Whether the tokenizer puts the token at the end; null leaves it to the tokenizer class.</summary>
    public bool? AddEosToken => Root.Has("add_eos_token") ? Root.Bool("add_eos_token") : null;

    public bool? AddPrefixSpace => Root.Has("add_prefix_space") ? Root.Bool("add_prefix_space") : null;

    /// <summary>Longest input in tokens; null where unlimited (files write 1e30 for that).</summary>
    public int? MaxLength => Root.Double("model_max_length", 1e30) is var tokens && tokens < int.MaxValue ? Root.Int("model_max_length") : null;

    /// <summary>left or right.</summary>
    public string PaddingSide => Root.Has("padding_side") ? Root.Choice("padding_side", "left", "right") : "right";

    /// <summary>left or right.</summary>
    public string TruncationSide => Root.Has("truncation_side") ? Root.Choice("truncation_side", "left", "right") : "right";

    /// <summary>Whether decoding removes spaces before punctuation.</summary>
    public bool CleanUpTokenizationSpaces => Root.Bool("clean_up_tokenization_spaces", false);

    public AddedToken? Bos => Special("bos_token");

    public AddedToken? Eos => Special("eos_token");

    public AddedToken? Unk => Special("unk_token");

    public AddedToken? Pad => Special("pad_token");

    public AddedToken? Sep => Special("sep_token");

    public AddedToken? Cls => Special("cls_token");

    public AddedToken? Mask => Special("mask_token");

    /// <summary>added_tokens.json: text to id; empty where there is no such file.</summary>
    public IReadOnlyDictionary<string, int> AddedTokens { get; }

    /// <summary>added_tokens_decoder of tokenizer_config.json: id to token, in the order of ids.</summary>
    /// <exception cref="MmkException">MMK411: a key that is no id, or an id twice.</exception>
    public IReadOnlyDictionary<int, AddedToken> AddedTokensById()
    {
        var tokens = new SortedDictionary<int, AddedToken>();
        if (Root.FindObject("added_tokens_decoder") is not { } decoder) return tokens;
        foreach (string key in decoder.Keys.Distinct(StringComparer.Ordinal))
        {
            bool isId = int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id);
            if (!isId || !tokens.TryAdd(id, AddedToken.Read(decoder.Object(key), special: false))) throw decoder.Invalid(key, "a token under its id");
        }
        return tokens;
    }

    /// <summary>additional_special_tokens (a list), or extra_special_tokens where that is a list.</summary>
    public IReadOnlyList<AddedToken> AdditionalSpecialTokens()
    {
        ConfigObject source = Root.IsSet("additional_special_tokens") ? Root : specialTokensMap ?? Root;
        string key = source.FirstOf("additional_special_tokens", "extra_special_tokens");
        if (source.Find(key) is not { ValueKind: JsonValueKind.Array } list) return [];
        var tokens = new List<AddedToken>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            tokens.Add(item.ValueKind == JsonValueKind.String
                ? new AddedToken(item.GetString()!, false, false, false, false, true)
                : AddedToken.Read(source.Item(key, tokens.Count, item), special: true));
        }
        return tokens;
    }

    /// <summary>The texts of all keys …_token (bos_token, image_token, …), which a chat template sees as variables.</summary>
    /// <exception cref="MmkException">MMK411.</exception>
    public IReadOnlyDictionary<string, string> SpecialTokenTexts()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        ConfigObject? extra = Root.Find("extra_special_tokens") is { ValueKind: JsonValueKind.Object } ? Root.Object("extra_special_tokens") : null;
        foreach (string key in Root.Keys.Concat(extra?.Keys ?? []).Concat(specialTokensMap?.Keys ?? []))
        {
            // add_bos_token and its like are flags.
            bool isToken = key.EndsWith("_token", StringComparison.Ordinal) && Root.Find(key) is not { ValueKind: JsonValueKind.True or JsonValueKind.False };
            if (isToken && Special(key) is { } token) texts[key] = token.Content;
        }
        return texts;
    }

    /// <summary>A special token by its key, for example <c>image_token</c> or <c>eos_token</c>; null where no file names it.</summary>
    /// <exception cref="MmkException">MMK411.</exception>
    public AddedToken? Special(string key)
        => AddedToken.Read(Root, key, special: true)
            ?? (Root.Find("extra_special_tokens") is { ValueKind: JsonValueKind.Object } ? AddedToken.Read(Root.Object("extra_special_tokens"), key, special: true) : null)
            ?? (specialTokensMap is null ? null : AddedToken.Read(specialTokensMap, key, special: true));

    /// <summary>Reads the files of a folder; none of them has to be there.</summary>
    /// <exception cref="MmkException">MMK400, MMK401, MMK402, MMK411, MMK412.</exception>
    public static TokenizerConfig Open(string folder)
    {
        return new TokenizerConfig(OpenIfThere(folder, FileName) ?? ConfigObject.Empty(Path.Combine(folder, FileName)),
            OpenIfThere(folder, "special_tokens_map.json"), ReadAddedTokens(OpenIfThere(folder, "added_tokens.json")));
    }

    /// <summary>tokenizer_config.json from memory; <paramref name="filePath"/> is the name in errors.</summary>
    /// <exception cref="MmkException">MMK401, MMK402, MMK412.</exception>
    public static TokenizerConfig Parse(ReadOnlyMemory<byte> utf8, string filePath) => new(ConfigObject.Parse(utf8, filePath), null, ReadAddedTokens(null));

    private static ConfigObject? OpenIfThere(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? ConfigObject.Open(path) : null;
    }

    private static Dictionary<string, int> ReadAddedTokens(ConfigObject? file)
    {
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        if (file is null) return tokens;
        foreach (JsonProperty token in file.Element.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id) || id < 0) throw file.Invalid(token.Name, "an id");
            tokens[token.Name] = id;
        }
        return tokens;
    }
}
