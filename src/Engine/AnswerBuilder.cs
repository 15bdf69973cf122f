using System.Text;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Engine;

/// <summary>Makes an answer of the tokens that a generator gives, and says when it is over.</summary>
internal sealed class AnswerBuilder
{
    private readonly int[] ends;
    private readonly int limit;
    private readonly TokenStream stream;
    private readonly StopFilter filter;
    private readonly Action<string> output;
    private readonly StringBuilder text = new();
    private readonly List<int> tokens = [];
    private readonly List<TokenProbability> probabilities = [];

    /// <summary>An empty answer.</summary>
    /// <param name="model">Whose tokenizer and end tokens count.</param>
    /// <param name="options">The request.</param>
    /// <param name="limit">New tokens at most.</param>
    /// <param name="output">Is given the text piece by piece.</param>
    public AnswerBuilder(MmModel model, GenerationOptions options, int limit, Action<string> output)
    {
        (ends, this.limit, this.output) = (model.EndTokens, limit, output);
        stream = model.Format!.Tokenizer.Stream();
        filter = new StopFilter([.. options.Stops, .. model.Model.Spec.Conversation?.Stops ?? []]);
    }

    /// <summary>Tokens so far.</summary>
    public int Tokens => tokens.Count;

    /// <summary>Takes a token; says why the answer is over, or null where it goes on.</summary>
    /// <param name="token">The token.</param>
    /// <param name="values">Its log-probability, then those of <paramref name="best"/>; empty where none are wanted.</param>
    /// <param name="best">The most probable tokens in its place.</param>
    /// <param name="full">Whether the context has no room for it.</param>
    /// <param name="cancelled">Whether no more is wanted.</param>
    public StopReason? Add(int token, ReadOnlySpan<float> values, ReadOnlySpan<int> best, bool full, bool cancelled)
    {
        tokens.Add(token);
        if (values.Length > 0)
        {
            var alternatives = new List<TokenAlternative>(best.Length);
            for (int i = 0; i < best.Length && best[i] >= 0; i++) alternatives.Add(new TokenAlternative(best[i], values[1 + i]));   // -1 beyond the vocabulary
            probabilities.Add(new TokenProbability(token, values[0], alternatives));
        }
        bool end = Array.IndexOf(ends, token) >= 0;
        if (!end && stream.Add(token) is { } piece) Write(filter.Add(piece));
        StopReason? reason = end ? StopReason.EndToken
            : filter.Stopped ? StopReason.StopText
            : tokens.Count >= limit ? StopReason.MaxTokens
            : full ? StopReason.ContextFull
            : cancelled ? StopReason.Cancelled : null;
        if (reason is null) return null;
        Write(filter.Add(stream.Flush()));
        Write(filter.Flush());
        return filter.Stopped && reason != StopReason.EndToken ? StopReason.StopText : reason;
    }

    /// <summary>The answer.</summary>
    public Answer Finish(StopReason reason, AnswerStatistics statistics) => new(text.ToString(), tokens, reason, statistics) { Probabilities = probabilities };

    private void Write(string piece)
    {
        if (piece.Length == 0) return;
        text.Append(piece);
        output(piece);
    }
}
