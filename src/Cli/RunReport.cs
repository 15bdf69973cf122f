using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary>What <c>mmk run</c> says besides the answer.</summary>
internal static class RunReport
{
    /// <summary>One line of JSON: text, tokens, stop, stats.</summary>
    public static string Json(MmModel model, Answer answer)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("text", answer.Text);
            json.WriteStartArray("tokens");
            foreach (int token in answer.Tokens) json.WriteNumberValue(token);
            json.WriteEndArray();
            json.WriteString("stop", answer.Stop switch { StopReason.EndToken => "end", StopReason.StopText => "stop_text", StopReason.MaxTokens => "max_tokens", StopReason.ContextFull => "context", _ => "cancelled" });
            if (answer.Probabilities.Count > 0) WriteProbabilities(json, model, answer);
            json.WriteStartObject("stats");
            json.WriteString("system", model.System);
            json.WriteString("device", model.Device);
            foreach ((string name, double value) in Figures(model, answer)) json.WriteNumber(name, Math.Round(value, 3));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteProbabilities(Utf8JsonWriter json, MmModel model, Answer answer)
    {
        json.WriteStartArray("logprobs");
        foreach (TokenProbability token in answer.Probabilities)
        {
            json.WriteStartObject();
            Write(token.Token, token.LogProbability);
            json.WriteStartArray("top");
            foreach (TokenAlternative other in token.Alternatives)
            {
                json.WriteStartObject();
                Write(other.Token, other.LogProbability);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();

        void Write(int token, float logProbability)
        {
            json.WriteNumber("token", token);
            json.WriteString("text", model.Text(token));
            if (float.IsFinite(logProbability)) json.WriteNumber("logprob", logProbability);
            else json.WriteNull("logprob");
        }
    }

    /// <summary>The figures as a list for people.</summary>
    public static void WriteStatistics(TextWriter writer, MmModel model, Answer answer)
    {
        writer.WriteLine($"{model.System} on {model.Device}");
        foreach ((string name, double value) in Figures(model, answer))
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-20} {value,14:#,0.###}"));
    }

    private static IEnumerable<(string Name, double Value)> Figures(MmModel model, Answer answer)
    {
        AnswerStatistics s = answer.Statistics;
        KernelStatistics kernels = model.KernelStatistics;
        using Process process = Process.GetCurrentProcess();
        yield return ("process_start_ms", (DateTime.Now - process.StartTime).TotalMilliseconds - model.LoadStatistics.Milliseconds - s.FirstTokenMilliseconds - s.DecodeMilliseconds);
        yield return ("cpu_ms", process.TotalProcessorTime.TotalMilliseconds);
        yield return ("load_ms", model.LoadStatistics.Milliseconds);
        yield return ("image_ms", s.ImageMilliseconds);
        yield return ("prefill_ms", s.PrefillMilliseconds);
        yield return ("decode_ms", s.DecodeMilliseconds);
        yield return ("ttft_ms", s.FirstTokenMilliseconds);
        yield return ("tokens_per_second", s.TokensPerSecond);
        yield return ("prompt_tokens", s.PromptTokens);
        yield return ("cached_tokens", s.CachedTokens);
        yield return ("new_tokens", s.NewTokens);
        yield return ("kernels", kernels.Count);
        yield return ("kernels_from_disk", kernels.FromDisk);
        yield return ("kernel_ms", kernels.Milliseconds);
        yield return ("weight_bytes", model.LoadStatistics.WeightBytes);
        yield return ("device_bytes", model.DeviceBytes);
        yield return ("image_arena_bytes", s.ImageArenaBytes);
        yield return ("prefill_arena_bytes", s.PrefillArenaBytes);
        yield return ("decode_arena_bytes", s.DecodeArenaBytes);
        yield return ("peak_process_bytes", process.PeakWorkingSet64);
    }
}
