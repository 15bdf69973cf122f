using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MmKernels.Data;

namespace MmKernels.Tests;

public class YamlTextTests
{
    private static string Json(string yaml) => Encoding.UTF8.GetString(YamlText.ToJson(Encoding.UTF8.GetBytes(yaml), "config.yaml"));

    private static void Same(string expected, string yaml)
        => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(Json(yaml))), $"expected {expected}, got {Json(yaml)}");

    [Fact]
    public void RepositoryConfig_IsReadWithItsTypes() => Same(
        """
        {"model": {"arch": "mini_gpt4", "freeze_vit": true, "end_sym": "###", "ckpt": "/path/to it/", "num_query_token": 32, "lr": 1e-5, "low_resource": false, "prompt": null},
         "datasets": {"laion": {"vis_processor": {"train": {"name": "blip2", "mean": [0.48, 0.45, 0.40], "size": {"height": 224, "width": 224}}}, "sample_ratio": 115}},
         "layers": [1, {"a": 1, "b": ["x", "y"]}, [2, 3], "text # no comment"], "run": {"seeds": [42, -1]}}
        """,
        """
        # a comment
        model:
          arch: mini_gpt4   # trailing
          freeze_vit: True
          end_sym: "###"
          ckpt: '/path/to it/'
          num_query_token: 32

          lr: 1e-5
          low_resource: no
          prompt:
        datasets:
          laion:
            vis_processor:
                train:
                  name: "blip2"
                  mean: [0.48, 0.45, 0.40]
                  size: {height: 224, width: 224}
            sample_ratio: 115
        layers:
        - 1
        - a: 1
          b:
          - x
          - y
        -
          - 2
          - 3
        - "text # no comment"
        run:
          seeds:
            - 42
            - -1
        """);

    [Theory]
    [InlineData("a: 0x1f", "\"0x1f\"")]
    [InlineData("a: 1_000", "1000")]
    [InlineData("a: 1.5e3", "1500")]
    [InlineData("a: .5", "0.5")]
    [InlineData("a: 1e400", "\"1e400\"")]
    [InlineData("a: .inf", "\"Infinity\"")]
    [InlineData("a: 12:30", "\"12:30\"")]
    [InlineData("a: v1.5", "\"v1.5\"")]
    [InlineData("a: http://host/x#y", "\"http://host/x#y\"")]
    [InlineData("a: it's", "\"it's\"")]
    [InlineData("a: 'it''s'", "\"it's\"")]
    [InlineData("a: \"tab\\tnew\\nline \\u00e9 \\\"q\\\"\"", "\"tab\\tnew\\nline é \\\"q\\\"\"")]
    [InlineData("a: []", "[]")]
    [InlineData("a: [ 'x, y' , {b: c} ]", "[\"x, y\", {\"b\": \"c\"}]")]
    [InlineData("a: |\n  one\n    two\n\n  three\n", "\"one\\n  two\\n\\nthree\\n\"")]
    [InlineData("a: |-\n  one\n  two\n", "\"one\\ntwo\"")]
    [InlineData("a: >\n  one\n  two\n\n  three\n", "\"one two\\nthree\\n\"")]
    [InlineData("\"a\" : ~", "null")]
    [InlineData("a:\n- \t", "[null]")]
    [InlineData("a:\n- \f", "[\"\\f\"]")]
    public void Scalar_HasTheTypeAndTextOfTheReference(string yaml, string expected) => Same($"{{\"a\": {expected}}}", yaml);

    [Theory]
    [InlineData("a: &x 1", 1)]
    [InlineData("a: 1\nb: *x", 2)]
    [InlineData("a: !!int 1", 1)]
    [InlineData("a: 1\na: 2", 2)]
    [InlineData("a: 1\n  b: 2", 2)]
    [InlineData("a:\n\t- 1", 2)]
    [InlineData("a: [1, 2", 1)]
    [InlineData("a: {b: 1", 1)]
    [InlineData("a: 'open", 1)]
    [InlineData("a: \"\\q\"", 1)]
    [InlineData("a: one\n  two", 2)]
    [InlineData("a: 1\n---\nb: 2", 2)]
    [InlineData("- 1\nb: 2", 2)]
    [InlineData("a: b: c", 1)]
    public void WhatIsNotUnderstood_IsRefusedWithItsLine(string yaml, int line)
    {
        MmkException error = Assert.Throws<MmkException>(() => Json(yaml));
        Assert.Equal(419, error.Number);
        Assert.Contains($"config.yaml line {line}:", error.Message);
    }

    [Fact]
    public void DeepNesting_IsRefused()
    {
        Assert.Equal(419, Assert.Throws<MmkException>(() => Json(new string('[', 100_000))).Number);
        Assert.Equal(419, Assert.Throws<MmkException>(() => Json(string.Concat(Enumerable.Range(0, 2000).Select(i => new string(' ', i) + "a:\n")))).Number);
        Assert.Equal(419, Assert.Throws<MmkException>(() => Json(string.Concat(Enumerable.Repeat("- ", 5000)) + "a")).Number);
    }

    [Fact]
    public void EmptyDocument_IsNull() => Assert.Equal("null", Json("# nothing\n"));

    [Fact]
    public void YamlFile_OpensAsAConfig()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.yaml");
        File.WriteAllText(path, "model:\n  image_size: 224\n");
        try { Assert.Equal(224, ConfigObject.Open(path).Object("model").Int("image_size")); }
        finally { File.Delete(path); }
    }
}
