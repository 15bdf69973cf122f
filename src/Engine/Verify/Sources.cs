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
            yield return Comparison.Floats($"{prefix}pixel_values from {string.Join(", ", source.Pictures)}", pixels.Shape, Reference.Values(pixels), Preprocess(reference, source.Pictures, model, pixels.Shape), tolerance: 0);
        if (source.Prompt is { } prompt && File.Exists(files.Tokenizer) && reference.Input(ofCase, "input_ids") is { } ids && ids.Shape[0] == 1)
        {
            int[] tokens = images.Tokenize(Tokenizer.Load(files.Tokenizer), prompt, addSpecialTokens: true);
            yield return Comparison.Integers($"{prefix}input_ids from the prompt", ids, tokens.Length == ids.Shape[1] ? tokens : Expand(tokens, reference, source.Pictures, model.Model));
        }
    }

    /// <summary>A picture's bytes, and what the model's preprocessing does with them.</summary>
    public static (Image Source, ResolvedPlan Plan) Open(Reference reference, string picture, Model model)
    {
        PreprocessPlan plan = model.Spec.Images!.Preprocessing;
        Image source = plan.Source(ImageFile.Decode(Path.Combine(reference.Folder, picture)));
        return (source, plan.Resolve(source.Width, source.Height));
    }

    /// <summary>All pictures' values; processors fill up with zeros where pictures have different numbers of tiles.</summary>
    private static float[] Preprocess(Reference reference, IReadOnlyList<string> pictures, MmModel model, Shape recorded)
    {
        var all = new List<float>();
        long perPicture = recorded.Elements / pictures.Count;
        foreach (string picture in pictures)
        {
            (Image source, ResolvedPlan plan) = Open(reference, picture, model.Model);
            var g = new Graph(model.Accelerator);
            Tensor values = g.Keep(g.Preprocess(plan, source));
            using GraphPlan run = g.Plan();
            run.Run();
            all.AddRange(model.Accelerator.Read<float>(values));
            if (recorded.Rank == 5) all.AddRange(new float[Math.Max(0, perPicture - values.Shape.Elements)]);
        }
        return [.. all];
    }

    /// <summary>Processors of the hub write a placeholder per row of each picture.</summary>
    private static int[] Expand(int[] tokens, Reference reference, IReadOnlyList<string> pictures, Model model)
    {
        int picture = 0;
        var expanded = new List<int>();
        foreach (int token in tokens)
        {
            bool stands = token == model.Spec.Images!.Placeholder && picture < pictures.Count;
            expanded.AddRange(Enumerable.Repeat(token, stands ? model.TokensOf(Open(reference, pictures[picture++], model).Plan) : 1));
        }
        return [.. expanded];
    }
}
