using System.Text;
using System.Text.Json.Nodes;
using MmKernels.Data;
using MmKernels.Models;

namespace MmKernels.Tests;

/// <summary>Configs with one value that is not what it should be: they are read as another model or refused by an error of ours, never anything else.</summary>
public class HostileConfigTests
{
    private static readonly string[] Values =
        ["null", "-1", "0", "1", "3", "7", "2147483647", "4294967296", "1e308", "-1e-308", "0.3", "\"\"", "\"sliding_attention\"", "true", "false", "[]", "[1]", "[\"x\", \"y\"]", "{}", "{\"type\": \"yarn\"}", "{\"type\": \"longrope\"}"];

    public static TheoryData<string, string> Configs
    {
        get
        {
            var configs = new TheoryData<string, string>();
            foreach (object?[] row in PublishedConfigTests.Rows) configs.Add((string)row[0]!, (string)row[1]!);
            return configs;
        }
    }

    [Theory]
    [MemberData(nameof(Configs))]
    public void Read_OneValueReplaced_IsReadOrRefused(string checkpoint, string json)
    {
        foreach (string path in Paths(JsonNode.Parse(json)!.AsObject(), "").Append("head_dim").Append("layer_types").Append("rope_scaling").Append("sliding_window").ToArray())
            foreach (string value in Values)
            {
                JsonObject config = JsonNode.Parse(json)!.AsObject();
                Replace(config, path, JsonNode.Parse(value));
                try
                {
                    ConfigObject read = ConfigObject.Parse(Encoding.UTF8.GetBytes(config.ToJsonString()), "config.json");
                    if (LlmFamily.Of(read) is not { } family) continue;
                    LlmSpec spec = family.Read(read);
                    if (spec.Layers <= 8) Model.Manifest(new ModelSpec { System = checkpoint, Llm = new LlmPart(spec, spec.Names.Roots, spec.Names.Heads), Weights = [] });
                }
                catch (MmkException)
                {
                }
                catch (Exception e)
                {
                    Assert.Fail($"{checkpoint} with {path} = {value}: {e}");
                }
            }
    }

    private static IEnumerable<string> Paths(JsonObject config, string prefix)
        => config.SelectMany(pair => pair.Value is JsonObject inner ? Paths(inner, $"{prefix}{pair.Key}/").Prepend(prefix + pair.Key) : [prefix + pair.Key]);

    private static void Replace(JsonObject config, string path, JsonNode? value)
    {
        string[] keys = path.Split('/');
        foreach (string key in keys[..^1]) config = config[key]!.AsObject();
        config[keys[^1]] = value;
    }
}
