using System.CommandLine;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary>The options that say how an answer is made.</summary>
internal sealed class GenerationArguments
{
    private readonly Option<int?> maxTokens = new("--max-tokens") { HelpName = "N", Description = "New tokens at most." };
    private readonly Option<double> temperature = new("--temperature") { HelpName = "T", Description = "0: always the most probable token; 1: drawn by the model's own probabilities." };
    private readonly Option<int?> topK = new("--top-k") { HelpName = "N", Description = "Draw from this many of the most probable tokens; 0 from all." };
    private readonly Option<double?> topP = new("--top-p") { HelpName = "P", Description = "Draw from the most probable tokens that together have this share of the probability." };
    private readonly Option<double?> minP = new("--min-p") { HelpName = "P", Description = "Draw from the tokens with at least this share of the largest probability." };
    private readonly Option<double?> repetition = new("--repetition-penalty") { HelpName = "X", Description = "Above 1: tokens that the conversation has become less probable, at temperature 0 too. Left out, as generation_config.json says." };
    private readonly Option<double> presence = new("--presence-penalty") { HelpName = "X", Description = "What the logits of tokens lose that the answer has." };
    private readonly Option<double> frequency = new("--frequency-penalty") { HelpName = "X", Description = "What they lose for each time." };
    private readonly Option<ulong> seed = new("--seed") { HelpName = "N", Description = "Which random numbers: the same seed gives the same answer." };
    private readonly Option<string[]> stops = new("--stop") { HelpName = "TEXT", Description = "A text that ends the answer; may be given several times." };
    private readonly Option<int?> logProbabilities = new("--logprobs") { HelpName = "N", Description = "Give the log-probability of every token and of N alternatives (with --json)." };

    /// <summary>Makes the options part of a command.</summary>
    public void AddTo(Command command)
    {
        maxTokens.AcceptOnly(1, int.MaxValue);
        foreach (Option option in (Option[])[maxTokens, temperature, topK, topP, minP, repetition, presence, frequency, seed, stops, logProbabilities]) command.Add(option);
    }

    /// <summary>What was given.</summary>
    public GenerationOptions Read(ParseResult parsed) => new()
    {
        MaxTokens = parsed.GetValue(maxTokens),
        Temperature = parsed.GetValue(temperature),
        TopK = parsed.GetValue(topK),
        TopP = parsed.GetValue(topP),
        MinP = parsed.GetValue(minP),
        RepetitionPenalty = parsed.GetValue(repetition),
        PresencePenalty = parsed.GetValue(presence),
        FrequencyPenalty = parsed.GetValue(frequency),
        Seed = parsed.GetValue(seed),
        Stops = parsed.GetValue(stops) ?? [],
        LogProbabilities = parsed.GetValue(logProbabilities),
    };
}
