using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Tests;

public sealed class EncoderDecoderTests : IDisposable
{
    private static readonly int[] Prompt = [.. Enumerable.Range(7, 30), 1];

    private readonly Accelerator accelerator = Accelerator.Open("cpu", threads: 2);
    private readonly Checkpoint checkpoint;
    private readonly Decoder model;

    public EncoderDecoderTests()
    {
        ModelFiles files = ModelFiles.Open(Goldens.Folder("llm_t5")!);
        ModelSpec spec = Recipe.Of(files).Read(files);
        checkpoint = Checkpoint.Open(spec.Weights[0]);
        model = Model.Build(spec, WeightStore.From(accelerator, checkpoint), accelerator).Llm!;
    }

    public void Dispose()
    {
        accelerator.Dispose();
        checkpoint.Dispose();
    }

    [Fact]
    public void Encode_BatchWithPadding_GivesEachTextTheBitsThatItHasAlone()
    {
        // More than 16 rows, as many as are computed each like a row alone.
        int[] other = Prompt[..20], padded = [.. other, .. new int[Prompt.Length - other.Length]];
        int hidden = model.Spec.Hidden;

        float[] both = Encode([.. Prompt, .. padded], 2, [Prompt.Length, other.Length]);

        Assert.Equal(Encode(Prompt, 1, null), both[..(Prompt.Length * hidden)]);
        Assert.Equal(Encode(other, 1, null), both.AsSpan(Prompt.Length * hidden, other.Length * hidden).ToArray());
    }

    [Fact]
    public void Next_TokenByToken_GivesTheLargestLogitsOfReadingTheAnswerAtOnce()
    {
        using var generator = new TextGenerator(accelerator, model, Prompt.Length);
        var tokens = new List<int> { model.Spec.Encoder!.StartToken, generator.Prefill(TokenMap.Text(Prompt), 0, null, null) };
        for (int i = 0; i < 11; i++) tokens.Add(generator.Next());

        Assert.Equal(tokens[1..], Largest([.. tokens[..^1]]));
    }

    [Fact]
    public void Next_AfterReserveInTheMiddle_StillSeesThePrompt()
    {
        Assert.Equal(Tokens(_ => { }), Tokens(generator => generator.Reserve(600, kept: 4)));
    }

    [Fact]
    public void Prefill_OfAnotherPrompt_ForgetsTheFirst()
    {
        using var used = new TextGenerator(accelerator, model);
        used.Prefill(TokenMap.Text(Prompt), 0, null, null);
        used.Next();
        using var fresh = new TextGenerator(accelerator, model);
        TokenMap other = TokenMap.Text([44, 45, 46, 1]);

        Assert.Equal(fresh.Prefill(other, 0, null, null), used.Prefill(other, 0, null, null));
        for (int i = 0; i < 6; i++) Assert.Equal(fresh.Next(), used.Next());
    }

    [Fact]
    public void Prefill_WithRowsInPlaceOfEmbeddings_GoesThroughTheEncoder()
    {
        using TensorScope scope = accelerator.OpenScope();
        var g = new Graph(accelerator);
        Tensor embedded = g.Keep(PromptGraph.Embed(g, scope, model, TokenMap.Text(Prompt[..5]), null));
        using GraphPlan plan = g.Plan();
        plan.Run();
        Tensor rows = scope.Upload<float>(DType.F32, embedded.Shape, accelerator.Read<float>(embedded));
        using var seen = new TextGenerator(accelerator, model);
        using var read = new TextGenerator(accelerator, model);

        // Visual rows that are the embeddings of the first tokens say what those tokens say.
        Assert.Equal(read.Prefill(TokenMap.Text(Prompt), 0, null, null), seen.Prefill(TokenMap.Expand([-1, .. Prompt[5..]], -1, [5]), 0, new Visual(rows, 5), null));
        for (int i = 0; i < 6; i++) Assert.Equal(read.Next(), seen.Next());
    }

    private int[] Tokens(Action<TextGenerator> inTheMiddle)
    {
        using var generator = new TextGenerator(accelerator, model, capacity: Prompt.Length);
        var tokens = new List<int> { generator.Prefill(TokenMap.Text(Prompt), 0, null, null) };
        for (int i = 0; i < 3; i++) tokens.Add(generator.Next());
        inTheMiddle(generator);
        for (int i = 0; i < 6; i++) tokens.Add(generator.Next());
        return [.. tokens];
    }

    private float[] Encode(int[] ids, int batch, int[]? ends)
    {
        using TensorScope inputs = accelerator.OpenScope();
        var g = new Graph(accelerator);
        Tensor x = PromptGraph.Embed(g, inputs, model, TokenMap.Text(ids), null).Reshape(batch, ids.Length / batch, model.Spec.Hidden);
        Tensor y = g.Keep(model.Encoder!.Encode(g, x, ends is null ? null : inputs.Upload<int>(DType.I32, new Shape(batch), ends)));
        using GraphPlan plan = g.Plan();
        plan.Run();
        return accelerator.Read<float>(y);
    }

    /// <summary>The largest logit's token behind each token of an answer that is read at once.</summary>
    private int[] Largest(int[] answer)
    {
        using TensorScope inputs = accelerator.OpenScope();
        using var cache = new KvCache(accelerator, model.Spec, Prompt.Length);
        var g = new Graph(accelerator);
        Tensor x = PromptGraph.Embed(g, inputs, model, TokenMap.Text(Prompt), null).Reshape(1, Prompt.Length, model.Spec.Hidden);
        model.Remember(g, model.Encoder!.Encode(g, x).Reshape(Prompt.Length, model.Spec.Hidden), cache);
        Tensor logits = g.Keep(model.Logits(g, model.Continue(g, inputs, TokenMap.Text(answer), 0, cache)));
        using GraphPlan plan = g.Plan();
        plan.Run();
        float[] all = accelerator.Read<float>(logits);
        return [.. all.Chunk(model.Spec.Vocabulary).Select(row => Array.IndexOf(row, row.Max()))];
    }
}
