using System.CommandLine;
using System.Globalization;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk bench</c>: how fast this machine is.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measures how fast this machine is.") { Kernels() };

    private static Command Kernels()
    {
        Option<string> device = DeviceOptions.Device();
        Option<int> threads = DeviceOptions.Threads();
        var filter = new Option<string?>("--filter") { HelpName = "TEXT", Description = "Only kernels and shapes with this text in their names." };
        var command = new Command("kernels", "The kernels at shapes of their daily work: time of a launch, work per second.") { device, threads, filter };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(device), parsed.GetValue(threads), parsed.GetValue(filter)));
        return command;
    }

    private static int Run(string device, int threads, string? filter)
    {
        bool first = true;
        foreach (KernelTiming row in KernelBench.Run(device, threads, filter))
        {
            if (first) Console.Out.WriteLine($"{"kernel",-48}{"ms",10}{"GFLOP/s",10}{"GB/s",10}");
            first = false;
            string flops = row.GigaFlops > 0 ? row.GigaFlops.ToString("0.0", CultureInfo.InvariantCulture) : "";
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-48}{row.Milliseconds,10:0.0000}{flops,10}{row.GigaBytes,10:0.0}"));
        }
        return 0;
    }
}
