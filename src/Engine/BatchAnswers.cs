using System.Diagnostics;
using System.Threading.Channels;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Answers several questions side by side, each in a conversation of its own.</summary>
internal sealed class BatchAnswers(MmModel model, IReadOnlyList<Question> questions, int atOnce, ChannelWriter<AnswerPiece> output, CancellationToken cancellation)
{
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly Running[] running = new Running[Math.Min(atOnce, questions.Count)];   // by slot

    public void Run()
    {
        Request[] requests = [.. questions.Select(Prepare)];
        model.Use(() => Answer(requests), cancellation);
    }

    private void Answer(Request[] requests)
    {
        Decoder llm = model.Model.Llm!;
        using var batch = new BatchGenerator(model.Accelerator, llm, running.Length, requests.Max(request => request.Reach));
        foreach (Request request in requests) batch.Check(request.Map.Tokens, request.Reach);
        int next = 0;
        while (next < requests.Length || batch.Active > 0)
        {
            while (next < requests.Length && batch.Active < batch.Slots)
            {
                cancellation.ThrowIfCancellationRequested();
                Admit(batch, requests[next++]);
            }
            if (batch.Active == 0) continue;
            TokenAlternatives? alternatives = batch.Step();
            for (int slot = batch.Active - 1; slot >= 0; slot--) Take(batch, slot, alternatives, slot);   // from the last on: a slot that gets free is filled from behind
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reads a question's pictures and prompt.</summary>
    private void Admit(BatchGenerator batch, Request request)
    {
        long began = Stopwatch.GetTimestamp();
        using PictureEncoder? encoder = request.Pictures.Length > 0 ? new PictureEncoder(model.Accelerator, model.Model) : null;
        encoder?.Begin(request.Pictures);
        encoder?.Finish();
        double seen = Elapsed(began);
        TokenAlternatives? alternatives = batch.Admit(request.Map, encoder?.Visual, model.Model.Connector, request.Sampling, request.Reach);
        int slot = batch.Active - 1;
        var answer = new AnswerBuilder(model, request.Options, request.Limit, piece => output.TryWrite(new AnswerPiece(request.Index, piece, null)));
        running[slot] = new Running(request, answer, seen, Elapsed(began) - seen, Elapsed(start), Stopwatch.GetTimestamp(), encoder?.ArenaBytes ?? 0);
        Take(batch, slot, alternatives, 0);
    }

    /// <summary>Adds a slot's newest token to its answer, and ends the answer where it is over.</summary>
    private void Take(BatchGenerator batch, int slot, TokenAlternatives? alternatives, int row)
    {
        Running own = running[slot];
        bool wanted = alternatives is not null && own.Request.Options.LogProbabilities is not null;
        ReadOnlySpan<int> best = wanted ? alternatives!.Tokens(row)[..own.Request.Options.LogProbabilities!.Value] : [];
        StopReason? over = own.Answer.Add(batch.Tokens[slot], wanted ? alternatives!.Values(row) : [], best, batch.Length(slot) + 1 > model.Context, cancelled: false);
        if (over is null) return;
        Answer answer = own.Answer.Finish(over.Value, new AnswerStatistics
        {
            PromptTokens = own.Request.Map.Tokens, CachedTokens = 0, NewTokens = own.Answer.Tokens,
            ImageMilliseconds = own.ImageMilliseconds, PrefillMilliseconds = own.PrefillMilliseconds, FirstTokenMilliseconds = own.FirstTokenMilliseconds,
            DecodeMilliseconds = Elapsed(own.Began), ImageArenaBytes = own.ImageArenaBytes, PrefillArenaBytes = batch.PrefillArenaBytes, DecodeArenaBytes = batch.StepArenaBytes,
        });
        output.TryWrite(new AnswerPiece(own.Request.Index, "", answer));
        batch.Release(slot);
        running[slot] = running[batch.Active];
    }

    private Request Prepare(Question question, int index)
    {
        try
        {
            GenerationOptions options = question.Options ?? new GenerationOptions();
            if (string.IsNullOrWhiteSpace(question.Prompt)) throw EngineErrors.EmptyPrompt();
            TokenSampling sampling = SamplingRules.Of(options, model.Generation);
            IReadOnlyList<Picture> pictures = question.Pictures ?? [];
            ConversationFormat format = model.Format!;
            Message asked = format.Question(question.Prompt, pictures.Count, model.System, question.System is not null);
            int[] ids = format.Tokenize(question.System is { } system ? [format.System(system), asked] : [asked]);
            PreparedPicture[] prepared = [];
            if (model.TakesPictures)
                using (var encoder = new PictureEncoder(model.Accelerator, model.Model)) prepared = encoder.Prepare(pictures);
            TokenMap map = format.Placeholder is { } placeholder
                ? TokenMap.Expand(model.Check(ids, placeholder), placeholder, [.. prepared.Select(picture => picture.Tokens)])
                : TokenMap.Text(model.Check(ids));
            if (map.Tokens >= model.Context) throw EngineErrors.TooManyTokens(map.Tokens, model.Context);
            int limit = model.Limit(options);
            return new Request(index, options, sampling, map, prepared, limit, (int)Math.Min(model.Context, (long)map.Tokens + limit));
        }
        catch (MmkException e) when (questions.Count > 1)
        {
            throw EngineErrors.QuestionNumber(index, e);
        }
    }

    private static double Elapsed(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds;

    private sealed record Request(int Index, GenerationOptions Options, TokenSampling Sampling, TokenMap Map, PreparedPicture[] Pictures, int Limit, int Reach);

    private sealed record Running(Request Request, AnswerBuilder Answer, double ImageMilliseconds, double PrefillMilliseconds, double FirstTokenMilliseconds, long Began, long ImageArenaBytes);
}
