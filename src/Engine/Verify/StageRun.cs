using MmKernels.Data;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Feeds the inputs of one case to a model and collects every stage that its graphs name.</summary>
internal sealed partial class StageRun(Accelerator accelerator, Model model, Reference reference) : IDisposable
{
    private readonly TensorScope scope = accelerator.OpenScope();

    /// <summary>Every stage of a case, by name.</summary>
    public Dictionary<string, StageValues> Run(string ofCase)
    {
        var stages = new Dictionary<string, StageValues>();
        if (model.Text is { } text) ReadTexts(text, ofCase, stages);
        else if (model.Llm is null) See(ofCase, stages);
        else if (reference.Input(ofCase, "input_ids") is not { } ids) return stages;
        else if (model.Llm.Encoder is not null) ReadEncoded(ofCase, ids, stages);
        else Read(ofCase, ids, stages);
        return stages;
    }

    /// <summary>The tokens that the model continues a case's prompt with; the end token does not stop it.</summary>
    /// <param name="ofCase">The case.</param>
    /// <param name="count">Tokens of a sequence.</param>
    /// <param name="index">The sequence in its batch.</param>
    public int[] Greedy(string ofCase, int count, int index = 0)
    {
        CheckpointTensor ids = reference.Input(ofCase, "input_ids")!;
        using Sequence sequence = Sequences(ofCase, ids).ElementAt(index);
        using var generator = new TextGenerator(accelerator, model.Llm!, sequence.Map.Tokens + count);
        var tokens = new int[count];
        for (int i = 0; i < count; i++)
            tokens[i] = i == 0 ? generator.Prefill(sequence.Map, 0, sequence.Visual, model.Connector) : generator.Next();
        return tokens;
    }

    /// <summary>The tokens that the model continues a case's prompt with where all of it is read anew for each of them.</summary>
    public int[] GreedyAnew(string ofCase, int count)
    {
        using Sequence sequence = Sequences(ofCase, reference.Input(ofCase, "input_ids")!).First();
        List<int> ids = [.. sequence.Map.Ids()];
        for (int i = 0; i < count; i++)
        {
            using var generator = new TextGenerator(accelerator, model.Llm!, ids.Count);
            ids.Add(generator.Prefill(TokenMap.Text(ids.ToArray()), 0, null, null));
        }
        return [.. ids[^count..]];
    }

    /// <summary>The name under which <see cref="Steps"/> puts a stage.</summary>
    public static string Stepwise(string stage) => stage == "step_logits" ? stage : $"step.{stage}";

    /// <summary>Logits and rotary frequencies of every token of the answer, one row for each.</summary>
    public void Steps(string ofCase, int count, Dictionary<string, StageValues> stages)
    {
        using Sequence sequence = Sequences(ofCase, reference.Input(ofCase, "input_ids")!).First();
        using var cache = new KvCache(accelerator, model.Llm!.Spec, sequence.Map.Tokens + count);
        List<float> logits = [], frequencies = [];
        TokenMap map = sequence.Map;
        for (int i = 0, held = 0; i < count; held += map.Tokens, map = TokenMap.Text([Largest(logits, model.Llm.Spec.Vocabulary)]), i++)
        {
            var own = new Dictionary<string, StageValues>();
            Read(map, held, cache, i == 0 ? sequence.Visual : null, own);
            logits.AddRange(own["logits"].Values[^model.Llm.Spec.Vocabulary..]);
            if (own.TryGetValue("llm.rope_inv_freq", out StageValues? table)) frequencies.AddRange(table.Values);
        }
        stages[Stepwise("step_logits")] = new StageValues(new Shape(count, model.Llm.Spec.Vocabulary), [.. logits]);
        stages[Stepwise("llm.rope_inv_freq")] = new StageValues(new Shape(count, frequencies.Count / count), [.. frequencies]);
    }

    public void Dispose() => scope.Dispose();

    /// <summary>The first largest of the last numbers.</summary>
    private static int Largest(List<float> all, int count)
    {
        int best = all.Count - count;
        for (int i = best + 1; i < all.Count; i++) best = all[i] > all[best] ? i : best;
        return best - (all.Count - count);
    }

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
        using var cache = new KvCache(accelerator, model.Llm!.Spec, sequence.Map.Tokens);
        Read(sequence.Map, 0, cache, sequence.Visual, stages);
    }

    /// <summary>Rows that follow those of a cache.</summary>
    private void Read(TokenMap map, int held, KvCache cache, Visual? visual, Dictionary<string, StageValues> stages)
    {
        Decoder decoder = model.Llm!;
        using TensorScope inputs = accelerator.OpenScope();
        var g = new Graph(accelerator, keepNamed: true);
        Tensor x = PromptGraph.Embed(g, inputs, decoder, map, visual);
        Hooks? hooks = model.Connector is { } connector && visual is not null ? new Hooks(connector, visual, map) : null;
        cache.Begin(held, map.Tokens);
        decoder.Logits(g, decoder.Forward(g, x, PromptGraph.Positions(inputs, cache, map, held), cache, hooks));
        Collect(g, stages);
    }

    private IEnumerable<Sequence> Sequences(string ofCase, CheckpointTensor ids, Dictionary<string, StageValues>? stages = null)
    {
        int batch = ids.Shape[0], padded = ids.Shape[1];
        int[] all = Reference.Integers(ids);
        int[]? mask = reference.Input(ofCase, "attention_mask") is { } tensor ? Mask(tensor) : null;
        for (int b = 0; b < batch; b++)
        {
            int start = b * padded;
            int[] own = [.. Enumerable.Range(start, padded).Where(i => mask is null || mask[i] != 0).Select(i => all[i])];
            yield return Rows(ofCase, own) ?? Prepare(own, PicturesOf(CaseOf(ofCase, own, batch)), stages);
        }
    }

    /// <summary>1 for tokens, 0 for padding. A mask of queries and keys says true for hidden keys; its last query sees all but padding.</summary>
    private static int[] Mask(CheckpointTensor tensor)
    {
        int[] mask = Reference.Integers(tensor);
        if (tensor.Shape.Rank != 4) return mask;
        (int batch, _, int queries, int keys) = tensor.Shape;
        return [.. Enumerable.Range(0, batch * keys).Select(i => 1 - mask[((i / keys * queries) + queries - 1) * keys + i % keys])];
    }

    /// <summary>A prompt whose first rows were recorded in place of their embeddings.</summary>
    private Sequence? Rows(string ofCase, int[] ids)
    {
        if (reference.Input(ofCase, "rows") is not { } recorded || recorded.Shape.Rank != 3 || recorded.Shape[1] > ids.Length) return null;
        int count = recorded.Shape[1];
        int[] marked = [.. Enumerable.Repeat(-1, count), .. ids[count..]];
        TensorScope owner = accelerator.OpenScope();
        Tensor rows = owner.Upload<float>(DType.F32, new Shape(count, recorded.Shape[2]), Reference.Floats(recorded), "rows");
        return new Sequence(TokenMap.FromExpanded(marked, -1, [count]), new Visual(rows, count), owner);
    }

    private Sequence Prepare(int[] ids, IEnumerable<PictureInput> pictures, Dictionary<string, StageValues>? stages)
    {
        int? placeholder = model.Spec.Images?.Placeholder;
        var perImage = new List<int>();
        var rows = new List<float>();
        Visual? visual = null;
        foreach (PictureInput picture in pictures)
        {
            var g = new Graph(accelerator, keepNamed: true);
            Tensor pixels = picture.Pixels(g);
            visual = model.See(g, pixels, picture.Plan, AllTaps());
            bool clip = picture.Plan is null && pixels.Shape[0] > 1 && ids.Count(id => id == placeholder) == 1;
            if (clip) visual = model.Connector!.JoinFrames(g, visual);
            Tensor made = g.Keep(visual.Tokens!);
            var own = new Dictionary<string, StageValues>();
            using (GraphPlan plan = g.Plan())
            {
                plan.Run();
                rows.AddRange(accelerator.Read<float>(made));
                Collect(g, own, run: false);
            }
            perImage.AddRange(Enumerable.Repeat(visual.TokensPerImage, made.Shape[0] / visual.TokensPerImage));
            if (picture.Plan is { } cut) Describe(cut, made.Shape[0], own);
            foreach ((string name, StageValues values) in own)
                if (stages is not null) stages[name] = stages.TryGetValue(name, out StageValues? before) ? before.Then(values) : values;
        }
        if (visual is null) return new Sequence(TokenMap.Text(ids), null, null);
        TensorScope owner = accelerator.OpenScope();
        Tensor tokens = owner.Upload<float>(DType.F32, new Shape(perImage.Sum(), model.Spec.Llm!.Spec.Hidden), [.. rows], "visual");
        bool expanded = ids.Count(id => id == placeholder) != perImage.Count;
        TokenMap map = expanded ? TokenMap.FromExpanded(ids, placeholder!.Value, [.. perImage]) : TokenMap.Expand(ids, placeholder!.Value, [.. perImage]);
        return new Sequence(map, visual with { Tokens = tokens }, owner);
    }

    /// <summary>What processors say about a picture that they cut.</summary>
    private static void Describe(ResolvedPlan plan, int tokens, Dictionary<string, StageValues> stages)
    {
        PixelSize canvas = plan.Views[^1].Canvas;
        stages["best_resolution"] = new StageValues(new Shape(1, 2), [canvas.Height, canvas.Width]);
        stages["feature_lens"] = new StageValues(new Shape(1), [tokens]);
    }

    /// <summary>A case's pictures: as recorded, tiles by their own number without the zeros after them; else from their files.</summary>
    private IEnumerable<PictureInput> PicturesOf(string ofCase)
    {
        if (model.Spec.Images is not { } images) yield break;
        if (reference.Input(ofCase, "pixel_values") is not { } pixels)
        {
            foreach (string picture in reference.Source(ofCase)?.Pictures ?? [])
            {
                (Image source, ResolvedPlan plan) = Sources.Open(reference, picture, model);
                yield return new PictureInput(g => g.Preprocess(plan, source), plan);
            }
        }
        else if (pixels.Shape.Rank == 5 && reference.Input(ofCase, "image_sizes") is { } recorded)
        {
            int[] sizes = Reference.Integers(recorded);
            (int pictures, int tiles, int channels, int height, int width) = (pixels.Shape[0], pixels.Shape[1], pixels.Shape[2], pixels.Shape[3], pixels.Shape[4]);
            Tensor all = Upload(pixels);
            for (int i = 0; i < pictures; i++)
            {
                ResolvedPlan plan = images.Preprocessing.Resolve(sizes[2 * i + 1], sizes[2 * i]);
                Tensor own = all.Reshape(pictures * tiles, channels, height, width).Rows(i * tiles, Math.Min(tiles, plan.Tiles));
                yield return new PictureInput(_ => own, plan);
            }
        }
        else yield return new PictureInput(_ => Upload(pixels), null);
    }

    /// <summary>
    /// Whose pictures a sequence has: the case's own; in a batch those of the case that has the same ids; the first case's where a case has placeholders
    /// but no pictures.
    /// </summary>
    private string CaseOf(string ofCase, int[] ids, int batch)
    {
        foreach (string other in batch == 1 ? [] : reference.Cases)
            if (other != ofCase && reference.Input(other, "input_ids") is { } candidate && candidate.Shape[0] == 1 && Reference.Integers(candidate).AsSpan().SequenceEqual(ids))
                return other;
        bool own = reference.Input(ofCase, "pixel_values") is not null || reference.Source(ofCase)?.Pictures.Count > 0;
        return own || model.Spec.Images is not { } images || !ids.Contains(images.Placeholder) ? ofCase : "";
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

    /// <summary>One picture or several of one size: its values, and how it was cut.</summary>
    private sealed record PictureInput(Func<Graph, Tensor> Pixels, ResolvedPlan? Plan);

    /// <summary>A prompt without padding, and what the connector made of its pictures.</summary>
    private sealed record Sequence(TokenMap Map, Visual? Visual, TensorScope? Owner) : IDisposable
    {
        public void Dispose() => Owner?.Dispose();
    }
}
