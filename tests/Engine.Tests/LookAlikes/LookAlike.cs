using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MmKernels.Tests;

/// <summary>
/// A folder with the files of a published instruct model, its weights few and random: config, tokenizer, template and generation config are written as the publisher's
/// are, so that every way from a prompt to tokens is the real one's.
/// </summary>
internal sealed class LookAlike : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string[] specials;
    private readonly string storage;

    /// <summary>An empty folder.</summary>
    /// <param name="model">The model's shape.</param>
    /// <param name="storage">F32, F16 or BF16.</param>
    /// <param name="specials">The special tokens, which follow the 256 bytes in the vocabulary.</param>
    public LookAlike(PlainLlama model, string storage, params string[] specials)
    {
        (Model, this.storage, this.specials) = (model, storage, specials);
        var random = new Random(7);
        int kv = model.KvHeads * model.HeadDim, q = model.Heads * model.HeadDim;
        Draw("model.embed_tokens.weight", model.Vocabulary * model.Hidden, 1);
        for (int layer = 0; layer < model.Layers; layer++)
        {
            string block = $"model.layers.{layer}.";
            foreach ((string map, int inputs, int outputs) in new[]
            {
                ("self_attn.q_proj", model.Hidden, q), ("self_attn.k_proj", model.Hidden, kv), ("self_attn.v_proj", model.Hidden, kv), ("self_attn.o_proj", q, model.Hidden),
                ("mlp.gate_proj", model.Hidden, model.Intermediate), ("mlp.up_proj", model.Hidden, model.Intermediate), ("mlp.down_proj", model.Intermediate, model.Hidden),
            })
            {
                Draw($"{block}{map}.weight", inputs * outputs, 2.5 / Math.Sqrt(inputs));
                if (model.QkvBias && map.StartsWith("self_attn", StringComparison.Ordinal) && !map.EndsWith("o_proj", StringComparison.Ordinal)) Draw($"{block}{map}.bias", outputs, 0.5);
            }
            Draw(block + "input_layernorm.weight", model.Hidden, 0.1, 1);
            Draw(block + "post_attention_layernorm.weight", model.Hidden, 0.1, 1);
        }
        Draw("model.norm.weight", model.Hidden, 0.1, 1);
        if (!model.TiedHead) Draw("lm_head.weight", model.Vocabulary * model.Hidden, 1);

        void Draw(string name, int count, double deviation, double mean = 0)
            => model.Weights[name] = [.. Enumerable.Range(0, count).Select(_ => Stored(mean + deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    public string Path => folder.Path;

    public PlainLlama Model { get; }

    public int Id(string special) => 256 + Array.IndexOf(specials, special);

    /// <summary>The ids of a text in which the special tokens are cut out.</summary>
    public int[] Encode(string text)
    {
        var ids = new List<int>();
        while (text.Length > 0)
        {
            string? special = specials.FirstOrDefault(token => text.StartsWith(token, StringComparison.Ordinal));
            if (special is not null) ids.Add(Id(special));
            else ids.AddRange(Encoding.UTF8.GetBytes(text[..1]).Select(one => (int)one));
            text = text[(special?.Length ?? 1)..];
        }
        return [.. ids];
    }

    public void Write(string name, string text) => folder.Write(name, text);

    /// <summary>A tokenizer.json of a byte-level BPE without merges.</summary>
    /// <param name="first">The token that the post-processor puts before every text, if it does.</param>
    public void WriteTokenizer(string? first = null)
    {
        var vocabulary = new JsonObject();
        for (int one = 0; one < 256; one++) vocabulary[Shown(one)] = one;
        var added = new JsonArray([.. specials.Select(token => new JsonObject
        {
            ["id"] = Id(token), ["content"] = token, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
        })]);
        JsonObject? template = first is null ? null : new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Special(first), Sequence("A")),
            ["pair"] = new JsonArray(Special(first), Sequence("A"), Special(first), Sequence("B")),
            ["special_tokens"] = new JsonObject { [first] = new JsonObject { ["id"] = first, ["ids"] = new JsonArray(Id(first)), ["tokens"] = new JsonArray(first) } },
        };
        Write("tokenizer.json", new JsonObject
        {
            ["version"] = "1.0",
            // Left over from training, as some published files have them; nobody asks for either.
            ["truncation"] = new JsonObject { ["direction"] = "Right", ["max_length"] = 20, ["strategy"] = "LongestFirst", ["stride"] = 0 },
            ["padding"] = new JsonObject { ["strategy"] = new JsonObject { ["Fixed"] = 512 }, ["direction"] = "Right", ["pad_to_multiple_of"] = null, ["pad_id"] = 256, ["pad_type_id"] = 0, ["pad_token"] = specials[0] },
            ["added_tokens"] = added, ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(), ["post_processor"] = template, ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = "", ["end_of_word_suffix"] = "", ["fuse_unk"] = false, ["byte_fallback"] = false,
                ["ignore_merges"] = false, ["vocab"] = vocabulary, ["merges"] = new JsonArray(),
            },
        }.ToJsonString());

        static JsonObject ByteLevel() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };
        static JsonObject Special(string token) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } };
        static JsonObject Sequence(string id) => new() { ["Sequence"] = new JsonObject { ["id"] = id, ["type_id"] = 0 } };
    }

    /// <summary>The weights and further tensors that no model reads, in one file or in shards with an index.</summary>
    public void WriteWeights(int shards = 1, params string[] unread)
    {
        List<(string Name, float[] Values)> tensors = [.. Model.Weights.Select(pair => (pair.Key, pair.Value)), .. unread.Select(name => (name, new float[] { 9, 9, 9, 9 }))];
        if (shards == 1)
        {
            WriteFile("model.safetensors", tensors);
            return;
        }
        var map = new JsonObject();
        for (int shard = 0; shard < shards; shard++)
        {
            string file = $"model-{shard + 1:00000}-of-{shards:00000}.safetensors";
            List<(string Name, float[] Values)> own = [.. tensors.Where((_, i) => i % shards == shard)];
            WriteFile(file, own);
            foreach ((string name, _) in own) map[name] = file;
        }
        Write("model.safetensors.index.json", new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map }.ToJsonString());
    }

    public void Dispose() => folder.Dispose();

    /// <summary>A safetensors file: the header's length, the header, the values.</summary>
    private void WriteFile(string name, List<(string Name, float[] Values)> tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var data = new MemoryStream();
        foreach ((string tensor, float[] values) in tensors)
        {
            long start = data.Length;
            foreach (float value in values) data.Write(Bytes(value));
            int columns = values.Length < Model.Hidden ? values.Length : tensor.Contains("norm", StringComparison.Ordinal) || tensor.EndsWith("bias", StringComparison.Ordinal) ? 0
                : tensor.Contains("o_proj", StringComparison.Ordinal) ? Model.Heads * Model.HeadDim : tensor.Contains("down_proj", StringComparison.Ordinal) ? Model.Intermediate : Model.Hidden;
            header[tensor] = new JsonObject
            {
                ["dtype"] = storage, ["shape"] = columns == 0 || columns == values.Length ? new JsonArray(values.Length) : new JsonArray(values.Length / columns, columns),
                ["data_offsets"] = new JsonArray(start, data.Length),
            };
        }
        byte[] text = Encoding.UTF8.GetBytes(header.ToJsonString(new JsonSerializerOptions()));
        using FileStream file = File.Create(System.IO.Path.Combine(Path, name));
        file.Write(BitConverter.GetBytes((long)(text.Length + 7) / 8 * 8));
        file.Write(text);
        file.Write(Encoding.ASCII.GetBytes(new string(' ', (8 - text.Length % 8) % 8)));
        data.WriteTo(file);
    }

    /// <summary>A value as the storage type holds it.</summary>
    private float Stored(double value) => storage switch
    {
        "F16" => (float)(Half)value,
        "BF16" => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits((float)value) & unchecked((int)0xFFFF0000)),
        _ => (float)value,
    };

    private byte[] Bytes(float value) => storage switch
    {
        "F16" => BitConverter.GetBytes((Half)value),
        "BF16" => BitConverter.GetBytes(value)[2..],
        _ => BitConverter.GetBytes(value),
    };

    /// <summary>How GPT-2's vocabulary writes a byte: printable ones as themselves, the others as the characters from 256 on.</summary>
    private static string Shown(int one)
    {
        static bool Printable(int value) => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
        return ((char)(Printable(one) ? one : 256 + Enumerable.Range(0, one).Count(value => !Printable(value)))).ToString();
    }
}
