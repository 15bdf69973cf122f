using System.CommandLine;

namespace MmKernels.Cli;

/// <summary>The options that choose a device.</summary>
internal static class DeviceOptions
{
    public static Option<string> Device() => new("--device") { HelpName = "NAME", DefaultValueFactory = _ => "cpu", Description = "cpu, interpreter or cuda:N." };

    public static Option<int> Threads()
    {
        var threads = new Option<int>("--threads") { HelpName = "N", Description = "Worker threads of the CPU device; 0 takes one per core." };
        threads.AcceptOnly(0, 1024);
        return threads;
    }
}
