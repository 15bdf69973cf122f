using System.Text.Json.Nodes;
using MmKernels.Data;
using MmKernels.Engine;

namespace MmKernels.Tests;

/// <summary>Every recorded stage within 2e-4 · (1 + |reference|), tokens and inputs exact, on every fixture of these systems under the roots.</summary>
public class VerifierTests
{
    private static readonly string[] Systems =
    [
        "clip_text", "clip_vision", "siglip_vision", "llava15", "llava_next", "shikra", "dense_connector", "mobilevlm", "llava_v0_linear", "yi_vl",
        "llm_bloom", "llm_chatglm", "llm_gemma", "llm_gpt", "llm_internlm", "llm_llama", "llm_mistral", "llm_mpt", "llm_opt", "llm_persimmon", "llm_phi", "llm_qwen", "llm_stablelm", "llm_t5", "llm_ul2",
    ];

    /// <summary>Every fixture whose name begins with a system's, once; a later root's fixture of the same name is another one only under MMK_GOLDENS.</summary>
    public static TheoryData<string> Folders => [.. Goldens.Roots
        .SelectMany(root => Directory.EnumerateDirectories(root).Select(Path.GetFileName))
        .Where(name => Systems.Any(system => name!.StartsWith(system, StringComparison.Ordinal)))
        .Distinct().Order(StringComparer.Ordinal)
        .SelectMany(name => Goldens.Folders(name!, firstOfRepository: true))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Run_Fixture_EveryStageIsWithinTheTolerance(string folder)
    {
        VerifyReport report = Verifier.Run(folder);

        Assert.Empty(report.Rows.Where(row => !row.Ok));
        Assert.All(report.NotCompared, skip => Assert.EndsWith("_probs", skip.Stage));
        Assert.True(report.NotCompared.Count <= 1 + report.Rows.Count / 10, string.Join(", ", report.NotCompared));
    }

    /// <summary>The hub's names of LLaVA as they changed over the years: the parts' places in the first releases, below one model, and with the tower's own level left out.</summary>
    [Theory]
    [InlineData("language_model.model.=model.language_model.", "language_model.lm_head.=lm_head.", "vision_tower.=model.vision_tower.", "multi_modal_projector.=model.multi_modal_projector.")]
    [InlineData("vision_tower.vision_model.=vision_tower.")]
    [InlineData("language_model.model.=model.language_model.", "language_model.lm_head.=lm_head.", "vision_tower.vision_model.=model.vision_tower.", "multi_modal_projector.=model.multi_modal_projector.")]
    public void Run_OtherNamesOfTheSameWeights_GivesTheRecordedStages(params string[] renames)
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Goldens.Folder("llava15")!)) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        string weights = Path.Combine(folder.Path, "model.safetensors");
        using (Checkpoint checkpoint = Checkpoint.Open(Goldens.Folder("llava15")!))
            SafetensorsWriter.Write(weights, checkpoint.Tensors.Select(tensor => new TensorToWrite(Rename(tensor.Name), tensor.Format, tensor.Shape, tensor.Data.ToArray())));

        VerifyReport report = Verifier.Run(folder.Path);

        Assert.Empty(report.Rows.Where(row => !row.Ok));

        string Rename(string name)
        {
            foreach (string rename in renames)
                if (rename.Split('=') is [var from, var to] && name.StartsWith(from, StringComparison.Ordinal)) return to + name[from.Length..];
            return name;
        }
    }

    [SkippableFact]
    public void Run_Vila_EveryStageOfThePresentCodeIsWithinTheTolerance()
    {
        string? fixture = Goldens.Folder("vila");
        Skip.If(fixture is null, "the fixture vila is not there");

        VerifyReport report = Verifier.Run(fixture);

        Assert.Contains(report.Rows, row => row.Stage == "out.greedy");
        Assert.Empty(report.Rows.Where(row => !row.Ok));
        Assert.All(report.NotCompared, skip => Assert.Contains("column_major", skip.Stage));
    }

    /// <summary>The fixture recorded VILA with both orders of its tokens; the config has no key for the older one but ours.</summary>
    [SkippableFact]
    public void Run_VilaByColumns_GivesWhatTheOlderCodeGave()
    {
        string? fixture = Goldens.Folder("vila");
        Skip.If(fixture is null, "the fixture vila is not there");
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(fixture)) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(fixture, "config.json")))!;
        config["mm_projector_cfg"]!["token_order"] = "columns";
        folder.Write("config.json", config.ToJsonString());
        folder.Write("reference.json", """{"stages": [{"name": "in.pixel_values"}, {"name": "in.input_ids"}, {"name": "stage.connector.out"}, {"name": "out.last_logits"}, {"name": "out.greedy"}]}""");
        var names = new Dictionary<string, string>
        {
            ["in.pixel_values"] = "in.pixel_values", ["in.input_ids"] = "in.input_ids", ["stage.column_major.connector.out"] = "stage.connector.out",
            ["out.column_major.logits"] = "out.last_logits", ["out.column_major.greedy"] = "out.greedy",
        };
        using (Checkpoint recorded = Checkpoint.Open(Path.Combine(fixture, "reference.safetensors")))
            SafetensorsWriter.Write(Path.Combine(folder.Path, "reference.safetensors"), names.Select(name => (name.Value, Tensor: recorded.Find(name.Key)!))
                .Select(pair => new TensorToWrite(pair.Value, pair.Tensor.Format, pair.Tensor.Shape, pair.Tensor.Data.ToArray())));

        VerifyReport report = Verifier.Run(folder.Path);

        Assert.Equal(["stage.connector.out", "out.last_logits", "out.greedy"], report.Rows.Select(row => row.Stage));
        Assert.All(report.Rows, row => Assert.True(row.Ok, row.ToString()));
    }

    [Fact]
    public void Run_AnotherEpsilon_FailsAndSaysWhere()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Goldens.Folder("llm_llama")!)) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        string config = File.ReadAllText(Path.Combine(folder.Path, "config.json"));
        folder.Write("config.json", config.Replace("1e-06", "1e-04"));

        VerifyReport report = Verifier.Run(folder.Path);

        Assert.False(report.Ok);
        Assert.Contains(report.Rows, row => row.Stage == "stage.llm.block0" && !row.Ok);
        Assert.Contains(report.Rows, row => row.Stage == "stage.llm.embeddings" && row.Ok);
    }

    [Fact]
    public void Run_FolderWithoutReference_IsMmk704()
        => Assert.Equal(704, Assert.Throws<MmkException>(() => Verifier.Run(TinyLlava.Folder)).Number);
}
