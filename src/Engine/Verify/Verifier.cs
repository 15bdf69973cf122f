using MmKernels.Data;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>
/// Compares a model with recorded outputs of its reference implementation: loads the checkpoint of a golden folder with the recipe that its config names,
/// feeds every case's inputs and compares every recorded stage and output that exists as a tensor in our graphs.
/// </summary>
public static class Verifier
{
    /// <summary>Of |ours - reference| / (1 + |reference|). A wrong epsilon or the other GELU shows from 3e-4 on; the order of f32 sums stays below.</summary>
    public const double Tolerance = 2e-4;

    /// <summary>Compares a golden folder.</summary>
    /// <exception cref="MmkException">MMK704, MMK705: it is no golden folder; or its checkpoint cannot be loaded.</exception>
    public static VerifyReport Run(string folder, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        using Reference reference = Reference.Open(folder);
        var results = new Dictionary<string, VerifyRow>();
        var reasons = new Dictionary<string, string>();
        var extra = new List<VerifyRow>();
        string system = "", device = "";
        foreach (IGrouping<string, string> variant in reference.Cases.GroupBy(one => IsVariant(folder, one) ? one : ""))
        {
            ModelFiles files = variant.Key.Length == 0 ? ModelFiles.Open(folder) : ModelFiles.OpenVariant(folder, variant.Key);
            using MmModel model = MmModel.LoadParts(files, options);
            if (system.Length == 0) (system, device) = (model.System, model.Device);
            foreach (string ofCase in variant)
            {
                using var run = new StageRun(model.Accelerator, model.Model, reference);
                Compare(reference, ofCase, model.Model, run, results, reasons);
                extra.AddRange(Sources.Compare(reference, ofCase, model, files));
            }
        }
        return new VerifyReport(system, device,
            [.. extra, .. reference.Names.Where(results.ContainsKey).Select(name => results[name])],
            [.. reference.Names.Where(reasons.ContainsKey).Select(name => new VerifySkip(name, reasons[name]))]);
    }

    private static bool IsVariant(string folder, string ofCase) => ofCase.Length > 0 && File.Exists(Path.Combine(folder, $"config.{ofCase}.json"));

    private static void Compare(Reference reference, string ofCase, Model model, StageRun run, Dictionary<string, VerifyRow> results, Dictionary<string, string> reasons)
    {
        Dictionary<string, StageValues>? stages = null;
        foreach (string name in reference.Names)
        {
            (string itsCase, string stage) = reference.Split(name);
            if (itsCase != ofCase || name.StartsWith("in.", StringComparison.Ordinal)) continue;
            if (reference.Find(name) is not { } expected)
            {
                reasons[name] = "reference.safetensors does not hold it";
                continue;
            }
            if (stage == "greedy" && expected.Shape.Rank == 1)
            {
                results[name] = Comparison.Integers(name, expected, run.Greedy(ofCase, expected.Shape[0]));
                continue;
            }
            if (stage == "greedy_full" && expected.Shape.Rank == 1)
            {
                results[name] = Comparison.Integers(name, expected, run.GreedyAnew(ofCase, expected.Shape[0]));
                continue;
            }
            if (stage == "greedy" && expected.Shape.Rank == 2)
            {
                int[] all = [.. Enumerable.Range(0, expected.Shape[0]).SelectMany(index => run.Greedy(ofCase, expected.Shape[1], index))];
                results[name] = Comparison.Integers(name, expected, all);
                continue;
            }
            stages ??= run.Run(ofCase);
            if (IsStepwise(stage, expected) && !stages.ContainsKey(StageRun.Stepwise(stage))) run.Steps(ofCase, expected.Shape[0], stages);
            if (Find(stages, IsStepwise(stage, expected) ? StageRun.Stepwise(stage) : stage, model) is { } ours) results[name] = Comparison.Floats(name, stage, expected, ours);
            else reasons[name] = Reason(stage);
        }
    }

    /// <summary>Whether a stage was recorded at every token of the answer.</summary>
    private static bool IsStepwise(string stage, CheckpointTensor expected)
        => expected.Shape.Rank == 2 && (stage == "step_logits" || (stage == "llm.rope_inv_freq" && expected.Shape[0] > 1));

    /// <summary>Our tensor of a stage: under its own name, as the last block, or as the other name of the same thing.</summary>
    private static StageValues? Find(Dictionary<string, StageValues> stages, string stage, Model model)
    {
        string name = stage switch
        {
            "vision.block_last" => $"vision.block{model.Spec.Vision?.Spec.Layers - 1}",
            "llm.block_last" => $"llm.block{model.Spec.Llm?.Spec.Layers - 1}",
            "last_logits" or "logits_tail" => "logits",
            _ => stage.EndsWith(".input_layernorm", StringComparison.Ordinal) ? stage.Replace(".input_layernorm", ".ln1", StringComparison.Ordinal) : stage,
        };
        return stages.GetValueOrDefault(name) ?? name switch
        {
            "llm.embeddings" => stages.GetValueOrDefault("llm.inputs_embeds"),
            "llm.inputs_embeds" => stages.GetValueOrDefault("llm.embeddings"),
            "llm.encoder.embeddings" => stages.GetValueOrDefault("llm.embeddings"),
            "llm.encoder" or "llm.decoder" => stages.GetValueOrDefault($"{name}.norm"),
            _ => null,
        };
    }

    private static string Reason(string stage)
        => stage.EndsWith("_probs", StringComparison.Ordinal)
            ? "fused: the attention kernel keeps the probabilities in registers and never writes them"
            : "no tensor of this name exists in our graph";
}
