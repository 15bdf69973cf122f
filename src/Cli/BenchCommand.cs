using System.CommandLine;
using System.Globalization;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk bench</c>: how fast this machine is.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measures how fast this machine is.") { Kernels(), Model() };

    private static Command Kernels()
    {
        Option<string> device = DeviceOptions.Device();
        Option<int> threads = DeviceOptions.Threads();
        var filter = new Option<string?>("--filter") { HelpName = "TEXT", Description = "Only kernels and shapes with this text in their names." };
        var command = new Command("kernels", "The kernels at shapes of their daily work: time of a launch, work per second, and how much of the device's peak that is.") { device, threads, filter };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(device), parsed.GetValue(threads), parsed.GetValue(filter)));
        return command;
    }

    private static int Run(string device, int threads, string? filter)
    {
        KernelBench.Require(filter);
        using var bench = new KernelBench(device, threads);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak of {device}, measured: {bench.Peaks.GigaFlops:0.0} GFLOP/s of f32 multiply-adds, {bench.Peaks.GigaBytes:0.0} GB/s read from memory (caches give more)"));
        Console.Out.WriteLine($"{"kernel",-48}{"ms",10}{"GFLOP/s",10}{"GB/s",10}{"of peak",9}");
        foreach (KernelTiming row in bench.Run(filter))
        {
            string flops = row.GigaFlops > 0 ? row.GigaFlops.ToString("0.0", CultureInfo.InvariantCulture) : "";
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-48}{row.Milliseconds,10:0.0000}{flops,10}{row.GigaBytes,10:0.0}{100 * row.OfPeak,8:0} %"));
        }
        return 0;
    }

    private static Command Model()
    {
        var modelArgument = new Argument<string?>("MODEL") { Arity = ArgumentArity.ZeroOrOne, Description = "A checkpoint folder; left out, the small model that comes with the program." };
        var shape = new Option<string?>("--shape") { HelpName = "NAME", Description = $"In place of a model: a published shape with random weights, one of {string.Join(", ", ModelBench.Shapes)}." };
        var type = new Option<string>("--type") { HelpName = "TYPE", Description = "How a shape's weights are stored: f32, f16 or bf16.", DefaultValueFactory = _ => "bf16" };
        var lengths = new Option<int[]>("--lengths") { HelpName = "N", Description = "Tokens of the prompts.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [32, 128, 512] };
        Option<string> device = DeviceOptions.Device();
        Option<int> threads = DeviceOptions.Threads();
        type.AcceptOnlyFromAmong("f32", "f16", "bf16");
        lengths.AcceptOnly(1, 1 << 20);
        modelArgument.RefuseOptions();
        var command = new Command("model", "A model's stages: a picture, prompts, tokens; each beside the device's best.") { modelArgument, shape, type, lengths, device, threads };
        command.Validators.Add(result =>
        {
            if (result.GetValue(shape) is not null && result.GetValue(modelArgument) is not null) result.AddError("Give a model or --shape, not both.");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new LoadOptions { Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads) };
            DType stored = parsed.GetRequiredValue(type) switch { "f32" => DType.F32, "f16" => DType.F16, _ => DType.BF16 };
            string? name = parsed.GetValue(shape), folder = parsed.GetValue(modelArgument);
            Task<ModelBench> opening = Task.Run(() => name is null ? ModelBench.OfFolder(folder, options) : ModelBench.OfShape(name, stored, options), cancellation);
            using ModelBench bench = await Waiting.For("loading the model", opening.WaitAsync(cancellation)).ConfigureAwait(false);
            return await Run(bench, parsed.GetRequiredValue(lengths), cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> Run(ModelBench bench, int[] lengths, CancellationToken cancellation)
    {
        Console.Out.WriteLine(bench.Title);
        Console.Out.WriteLine($"{"",-44}{"ms",10}{"tokens/s",10}{"GFLOP/s",10}{"GB/s",8}{"of best",9}{"arena MB",10}");
        using IEnumerator<ModelTiming> rows = bench.Run(lengths).GetEnumerator();
        while (await Waiting.For("measuring", Task.Run(rows.MoveNext, CancellationToken.None)).ConfigureAwait(false))
        {
            cancellation.ThrowIfCancellationRequested();   // between stages: the device is not taken away from one
            ModelTiming row = rows.Current;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Stage,-44}{row.Milliseconds,10:0.00}{Figure(row.TokensPerSecond),10}{Figure(row.GigaFlops),10}{Figure(row.GigaBytes),8}{Figure(row.Share, "0.00"),9}{Figure(row.ArenaBytes / 1e6),10}"));
        }
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"weights on the device, besides mapped files: {bench.DeviceBytes / 1e6:0.0} MB"));
        return 0;
    }

    private static string Figure(double value, string format = "0.0") => value > 0 ? value.ToString(format, CultureInfo.InvariantCulture) : "";
}
