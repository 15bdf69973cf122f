using MmKernels.Data;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Compares what a case was fed with what we make of the pictures and the prompt that it came from; both must be exact.</summary>
internal static class Sources
{
    public static IEnumerable<VerifyRow> Compare(Reference reference, string ofCase, MmModel model, ModelFiles files)
    {
        if (model.Model.Spec.Images is not { } images || reference.Source(ofCase) is not { } source) yield break;
        string prefix = ofCase.Length == 0 ? "in." : $"in.{ofCase}.";
        if (source.Pictures.Count > 0 && reference.Input(ofCase, "pixel_values") is { } pixels)
        {
            List<float> ours = [];
            foreach (string picture in source.Pictures)
                ours.AddRange(Preprocess(model.Accelerator, images.Preprocessing, Path.Combine(reference.Folder, picture)));
            yield return Comparison.Floats($"{prefix}pixel_values from {string.Join(", ", source.Pictures)}", pixels.Shape, Reference.Values(pixels), [.. ours], tolerance: 0);
        }
        if (source.Prompt is { } prompt && File.Exists(files.Tokenizer) && reference.Input(ofCase, "input_ids") is { } ids && ids.Shape[0] == 1)
        {
            int[] tokens = images.Tokenize(Tokenizer.Load(files.Tokenizer), prompt, addSpecialTokens: true);
            yield return Comparison.Integers($"{prefix}input_ids from the prompt", ids, Expand(tokens, images, model, reference.Input(ofCase, "pixel_values"), ids.Shape[1]));
        }
    }

    private static float[] Preprocess(Accelerator accelerator, PreprocessPlan plan, string path)
    {
        Image source = plan.Source(ImageFile.Decode(path));
        var g = new Graph(accelerator);
        Tensor values = g.Keep(g.Preprocess(plan.Resolve(source.Width, source.Height), source));
        using GraphPlan run = g.Plan();
        run.Run();
        return accelerator.Read<float>(values);
    }

    /// <summary>Processors of the hub write a placeholder per row of each picture; the original pipeline writes one per picture.</summary>
    private static int[] Expand(int[] tokens, ImagePrompt images, MmModel model, CheckpointTensor? pixels, int recorded)
    {
        if (pixels is null || tokens.Length == recorded) return tokens;
        int perImage = model.Model.TokensOf(pixels.Shape[3], pixels.Shape[2]);
        var expanded = new List<int>();
        foreach (int token in tokens)
            for (int i = 0; i < (token == images.Placeholder ? perImage : 1); i++) expanded.Add(token);
        return [.. expanded];
    }
}
