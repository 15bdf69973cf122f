using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// How the tokens of sequences side by side are chosen, on the device: what their requests ask for and which tokens they have had, so that a recorded graph
/// serves every request that needs the same launches (<see cref="Launches"/>).
/// </summary>
internal sealed class Sampler : IDisposable
{
    private readonly Accelerator accelerator;
    private readonly TensorScope state;
    private readonly Tensor chances, choices;
    private readonly float[] chance = new float[SamplingLayout.Chances];
    private readonly int[] choice = new int[SamplingLayout.Choices];
    private readonly TokenSampling[] rows;
    private readonly int vocabulary;
    private Tensor? marks;      // I32 [rows, vocabulary], from the first request on that needs it

    public Sampler(Accelerator accelerator, int vocabulary, int rows = 1)
    {
        (this.accelerator, this.vocabulary, this.rows) = (accelerator, vocabulary, new TokenSampling[rows]);
        state = accelerator.OpenScope();
        chances = state.Allocate(DType.F32, new Shape(rows, SamplingLayout.Chances), "sampling.chances");
        choices = state.Allocate(DType.I32, new Shape(rows, SamplingLayout.Choices), "sampling.choices");
        for (int row = 0; row < rows; row++) Set(row, TokenSampling.Greedy);
    }

    /// <summary>What a graph has to do for all of the first rows: whether tokens are noted, and how many alternatives are wanted at most.</summary>
    public SamplerLaunches Launches(int count)
    {
        bool penalises = false;
        int? alternatives = null;
        for (int row = 0; row < count; row++)
        {
            penalises |= rows[row].Penalises;
            if (rows[row].Alternatives is { } wanted) alternatives = Math.Max(alternatives ?? 0, wanted);
        }
        return new SamplerLaunches(penalises, alternatives);
    }

    /// <summary>Says what a row's request asks for.</summary>
    public void Set(int row, TokenSampling sampling)
    {
        rows[row] = sampling;
        sampling.Write(chance, choice);
        accelerator.Write<float>(chances.Rows(row, 1), chance);
        accelerator.Write<int>(choices.Rows(row, 1), choice);
    }

    /// <summary>Forgets the tokens that a row has had, and keeps it from choosing those that are not wanted.</summary>
    public void Clear(int row)
    {
        if (marks is null && !rows[row].Penalises) return;
        Tensor own = Marks.Rows(row, 1);
        accelerator.Clear(own);
        foreach (int token in rows[row].Suppressed)
            if (token >= 0 && token < vocabulary) accelerator.Write(own, (long)token * sizeof(int), BitConverter.GetBytes(int.MinValue));
    }

    /// <summary>The tokens of a prompt that count as having occurred: its text's; before an encoder's answer the token that begins it.</summary>
    public static int[] Prompt(Decoder decoder, TokenMap map)
        => decoder.Spec.Encoder is { } encoder ? [encoder.StartToken] : [.. map.Rows.ToArray().Where(row => row >= 0)];

    /// <summary>Records that a row's prompt has these tokens.</summary>
    public void Note(Graph g, TensorScope inputs, int[] prompt, int row)
    {
        if (prompt.Length > 0 && rows[row].Penalises) g.MarkPrompt(inputs.Upload<int>(DType.I32, new Shape(prompt.Length), prompt), Marks.Rows(row, 1));
    }

    /// <summary>Records the choice of the next tokens of neighbouring rows.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="logits">[rows, vocabulary].</param>
    /// <param name="held">I32 [rows]: tokens that each sequence had before this graph.</param>
    /// <param name="ahead">Tokens that this graph appends.</param>
    /// <param name="launches">What is to be done.</param>
    /// <param name="first">The first row.</param>
    public SampledTokens Record(Graph g, Tensor logits, Tensor held, int ahead, SamplerLaunches launches, int first = 0)
    {
        int count = logits.Shape[0];
        Tensor? own = launches.Penalises ? Marks.Rows(first, count) : null;
        Tensor tokens = g.Keep(g.Sample(logits, chances.Rows(first, count), choices.Rows(first, count), held, ahead, own));
        if (own is not null) g.MarkTokens(tokens, own);
        if (launches.Alternatives is not { } alternatives) return new SampledTokens(tokens, null, null);
        (Tensor values, Tensor best) = g.LogProbabilities(logits, tokens, alternatives);
        return new SampledTokens(tokens, g.Keep(values), g.Keep(best));
    }

    /// <summary>Takes a row's place over from another.</summary>
    public void Move(int from, int to)
    {
        Set(to, rows[from]);
        if (marks is not null) accelerator.Copy(marks.Rows(from, 1), marks.Rows(to, 1));
        Set(from, TokenSampling.Greedy);
    }

    public void Dispose() => state.Dispose();

    private Tensor Marks
    {
        get
        {
            if (marks is not null) return marks;
            marks = state.Allocate(DType.I32, new Shape(rows.Length, vocabulary), "sampling.marks");
            accelerator.Clear(marks);
            return marks;
        }
    }
}
