using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Feeds the inputs of one case to a model and collects every stage that its graphs name.</summary>
internal sealed class StageRun(Accelerator accelerator, Model model, Reference reference) : IDisposable
{
    private readonly TensorScope scope = accelerator.OpenScope();

    /// <summary>Every stage of a case, by name.</summary>
    public Dictionary<string, StageValues> Run(string ofCase)
    {
        var stages = new Dictionary<string, StageValues>();
        if (model.Text is { } text) ReadTexts(text, ofCase, stages);
        else if (model.Llm is null) See(ofCase, stages);
        else if (reference.Input(ofCase, "input_ids") is { } ids) Read(ofCase, ids, stages);
        return stages;
    }

    /// <summary>The tokens that the model continues a case's prompt with; the end token does not stop it.</summary>
    public int[] Greedy(string ofCase, int count)
    {
        CheckpointTensor ids = reference.Input(ofCase, "input_ids")!;
        using Sequence sequence = Sequences(ofCase, ids).First();
        using var generator = new TextGenerator(accelerator, model.Llm!, sequence.Map.Tokens + count);
        var tokens = new int[count];
        for (int i = 0; i < count; i++)
            tokens[i] = i == 0 ? generator.Prefill(sequence.Map, 0, sequence.Visual, model.Connector) : generator.Next();
        return tokens;
    }

    public void Dispose() => scope.Dispose();

    /// <summary>An encoder alone.</summary>
    private void See(string ofCase, Dictionary<string, StageValues> stages)
    {
        if (model.Vision is null || reference.Input(ofCase, "pixel_values") is not { } pixels) return;
        var g = new Graph(accelerator, keepNamed: true);
        model.Vision.Pool(g, model.Vision.Encode(g, Upload(pixels), AllTaps()));
        Collect(g, stages);
    }

    /// <summary>A text encoder alone; where a mask is recorded, a second time with it, the padded rows zero.</summary>
    private void ReadTexts(ClipTextEncoder encoder, string ofCase, Dictionary<string, StageValues> stages)
    {
        if (reference.Input(ofCase, "input_ids") is not { } recorded) return;
        (int texts, int length) = recorded.Shape;
        int[] ids = Reference.Integers(recorded);
        int[] ends = [.. Enumerable.Range(0, texts).Select(text => encoder.Spec.EndOf(ids.AsSpan(text * length, length)))];
        Tensor uploaded = scope.Upload<int>(DType.I32, recorded.Shape, ids);
        var g = new Graph(accelerator, keepNamed: true);
        encoder.Pool(g, encoder.Encode(g, uploaded), ends);
        Collect(g, stages);
        if (reference.Input(ofCase, "attention_mask") is not { } recordedMask) return;

        int[] mask = Reference.Integers(recordedMask);
        int[] starts = [.. Enumerable.Range(0, texts).Select(text => Math.Max(0, mask.AsSpan(text * length, length).IndexOf(1)))];
        var masked = new Dictionary<string, StageValues>();
        g = new Graph(accelerator, keepNamed: true);
        encoder.Pool(g, encoder.Encode(g, uploaded, scope.Upload<int>(DType.I32, new Shape(texts), starts)), ends);
        Collect(g, masked);
        int width = encoder.Spec.Transformer.Hidden;
        for (int row = 0; row < mask.Length; row++)
            if (mask[row] == 0) masked["last_hidden_state"].Values.AsSpan(row * width, width).Clear();
        foreach ((string name, StageValues values) in masked) stages[$"masked.{name}"] = values;
    }

    /// <summary>Prompts, one by one and without their padding: what a batch holds of each is what it gives alone. Padded rows are zero.</summary>
    private void Read(string ofCase, CheckpointTensor ids, Dictionary<string, StageValues> stages)
    {
        int batch = ids.Shape[0], padded = ids.Shape[1], b = 0;
        foreach (Sequence sequence in Sequences(ofCase, ids, stages))
            using (sequence)
            {
                var own = new Dictionary<string, StageValues>();
                Read(sequence, own);
                foreach ((string name, StageValues values) in own)
                    stages[name] = batch == 1 ? values : Place(stages.GetValueOrDefault(name), values, batch, padded, b);
                b++;
            }
    }

    /// <summary>One prompt's rows at the end of its part of the batch's.</summary>
    private static StageValues Place(StageValues? all, StageValues own, int batch, int padded, int index)
    {
        int width = own.Shape[^1], tokens = own.Values.Length / width;
        all ??= new StageValues(new Shape(batch, padded, width), new float[(long)batch * padded * width]);
        own.Values.CopyTo(all.Values, (index * padded + padded - tokens) * width);
        return all;
    }

    private void Read(Sequence sequence, Dictionary<string, StageValues> stages)
    {
        Decoder decoder = model.Llm!;
        TokenMap map = sequence.Map;
        using TensorScope inputs = accelerator.OpenScope();
        using var cache = new KvCache(accelerator, decoder.Spec, map.Tokens);
        var g = new Graph(accelerator, keepNamed: true);
        Tensor x = PromptGraph.Embed(g, inputs, decoder, map, sequence.Visual);
        Hooks? hooks = model.Connector is { } connector && sequence.Visual is { } visual ? new Hooks(connector, visual, map) : null;
        decoder.Logits(g, decoder.Forward(g, x, PromptGraph.Positions(inputs, 0, map.Tokens), cache, hooks));
        Collect(g, stages);
    }

    private IEnumerable<Sequence> Sequences(string ofCase, CheckpointTensor ids, Dictionary<string, StageValues>? stages = null)
    {
        int batch = ids.Shape[0], padded = ids.Shape[1];
        int[] all = Reference.Integers(ids);
        int[]? mask = reference.Input(ofCase, "attention_mask") is { } tensor ? Reference.Integers(tensor) : null;
        for (int b = 0; b < batch; b++)
        {
            int start = b * padded;
            int[] own = [.. Enumerable.Range(start, padded).Where(i => mask is null || mask[i] != 0).Select(i => all[i])];
            yield return Prepare(own, Pixels(ofCase, own, batch), stages);
        }
    }

    private Sequence Prepare(int[] ids, CheckpointTensor? pixels, Dictionary<string, StageValues>? stages)
    {
        int? placeholder = model.Spec.Images?.Placeholder;
        if (pixels is null || placeholder is null) return new Sequence(TokenMap.Text(ids), null, null);
        var g = new Graph(accelerator, keepNamed: true);
        VisionFeatures features = model.Vision!.Encode(g, Upload(pixels), AllTaps());
        Visual visual = model.Connector!.Encode(g, features);
        Tensor made = g.Keep(visual.Tokens!);
        GraphPlan plan = g.Plan();
        plan.Run();
        if (stages is not null) Collect(g, stages, run: false);
        TensorScope owner = accelerator.OpenScope();
        Tensor rows = owner.Allocate(DType.F32, made.Shape, "visual");
        accelerator.Copy(made, rows);
        plan.Dispose();
        int[] perImage = [.. Enumerable.Repeat(visual.TokensPerImage, features.Images)];
        bool expanded = ids.Count(id => id == placeholder) != perImage.Length;
        TokenMap map = expanded ? TokenMap.FromExpanded(ids, placeholder.Value, perImage) : TokenMap.Expand(ids, placeholder.Value, perImage);
        return new Sequence(map, visual with { Tokens = rows }, owner);
    }

    /// <summary>The pictures of a sequence: the case's own, or in a batch those of the case that has the same ids.</summary>
    private CheckpointTensor? Pixels(string ofCase, int[] ids, int batch)
    {
        if (batch == 1) return reference.Input(ofCase, "pixel_values");
        foreach (string other in reference.Cases)
            if (other != ofCase && reference.Input(other, "input_ids") is { } candidate && candidate.Shape[0] == 1 && Reference.Integers(candidate).AsSpan().SequenceEqual(ids))
                return reference.Input(other, "pixel_values");
        return reference.Input(ofCase, "pixel_values");
    }

    private int[] AllTaps() => [.. Enumerable.Range(0, model.Spec.Vision!.Spec.Layers + 1)];

    private Tensor Upload(CheckpointTensor pixels) => scope.Upload<float>(DType.F32, pixels.Shape, Reference.Floats(pixels), "pixel_values");

    private void Collect(Graph g, Dictionary<string, StageValues> stages, bool run = true)
    {
        GraphPlan? plan = run ? g.Plan() : null;
        plan?.Run();
        foreach ((string name, Tensor tensor) in g.Named)
            if (tensor.DType == DType.F32) stages[name] = new StageValues(tensor.Shape, accelerator.Read<float>(tensor));
        plan?.Dispose();
    }

    /// <summary>A prompt without padding, and what the connector made of its pictures.</summary>
    private sealed record Sequence(TokenMap Map, Visual? Visual, TensorScope? Owner) : IDisposable
    {
        public void Dispose() => Owner?.Dispose();
    }
}
