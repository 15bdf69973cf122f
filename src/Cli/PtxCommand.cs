using System.CommandLine;
using System.Globalization;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk ptx</c>: PTX as text and as recorded cases.</summary>
internal static class PtxCommand
{
    public static Command Create() => new("ptx", "PTX kernels: run recorded cases.") { RunCases() };

    private static Command RunCases()
    {
        var folder = new Argument<string>("DIR") { Description = "A folder with kernel.ptx, case.json and data.safetensors, or a folder of such folders." };
        Option<string> device = DeviceOptions.Device();
        Option<int> threads = DeviceOptions.Threads();
        var check = new Option<bool>("--check") { Description = "Run on the interpreter with its sanitizer: bounds, alignment, values that nobody wrote, races, divergent barriers." };
        folder.RefuseOptions();
        var command = new Command("run", "Runs cases and compares what they wrote with what is expected; exit code 1 when one differs.") { folder, device, threads, check };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(device), parsed.GetValue(threads), parsed.GetValue(check)));
        return command;
    }

    private static int Run(string folder, string device, int threads, bool check)
    {
        int passed = 0, refused = 0, failed = 0;
        foreach (PtxRow row in PtxRunner.Run(folder, device, threads, check))
        {
            string state = row.Passed ? "ok" : row.Refused ? "refused" : "FAILED";
            string time = string.Create(CultureInfo.InvariantCulture, $"{row.Elapsed.TotalMilliseconds:0.0} ms");
            Console.Out.WriteLine(row.Passed ? $"{state,-8}{row.Name,-32}{time,12}  {row.ExecutedBy}" : $"{state,-8}{row.Name,-32}{row.Detail}");
            if (row.Passed) passed++;
            else if (row.Refused) refused++;
            else failed++;
        }
        if (passed + refused + failed > 1) Console.Out.WriteLine($"{passed} ok, {failed} failed, {refused} refused (optional cases)");
        return failed == 0 ? 0 : 1;
    }
}
