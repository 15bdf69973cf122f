using System.Globalization;
using MmKernels;
using MmKernels.Bench;

// Usage: dotnet run -c Release --project bench/Model -- WHAT [--threads N] [--type f32|f16|bf16] [--layers N] [--trace] [--no-torch]
//   answer [RUNS] [-- further arguments of mmk run]   one answer about one picture, process start to process end
//   encoder     CLIP-L/14-336 with random weights, one picture
//   prefill     Llama-3.2-1B's shape with random weights, a prompt of 512 tokens
//   decode      the same, token by token
//   load        the same weights from a file, cold and warm
// The checkpoints are made in the system's folder for temporary files (up to 5 GB) and deleted afterwards. --trace shows where the time goes.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string what = args.Length > 0 ? args[0] : "";
int threads = int.Parse(Option("--threads") ?? Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
DType type = (Option("--type") ?? (what is "decode" or "load" ? "bf16" : "f32")) switch { "f32" => DType.F32, "f16" => DType.F16, "bf16" => DType.BF16, var other => throw new ArgumentException($"--type {other}") };
int? layers = Option("--layers") is { } count ? int.Parse(count, CultureInfo.InvariantCulture) : null;
bool trace = args.Contains("--trace"), torch = !args.Contains("--no-torch");
switch (what)
{
    case "answer": return AnswerBench.Run(args.Length > 1 && int.TryParse(args[1], out int runs) ? runs : 5, [.. args.SkipWhile(argument => argument != "--").Skip(1)]);
    case "encoder": EncoderBench.Run(threads, type, layers ?? 24, trace, torch); return 0;
    case "prefill": LanguageBench.Prefill(threads, type, layers ?? 16, trace, torch); return 0;
    case "decode": LanguageBench.Decode(threads, type, layers ?? 16, trace, torch); return 0;
    case "load": LoadBench.Run(threads, type, layers ?? 16); return 0;
    default:
        Console.Error.WriteLine("say what to measure: answer, encoder, prefill, decode or load");
        return 2;
}

string? Option(string name)
{
    int index = Array.IndexOf(args, name);
    return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
}
