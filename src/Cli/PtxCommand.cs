using System.CommandLine;
using System.Globalization;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk ptx</c>: PTX as text and as recorded cases.</summary>
internal static class PtxCommand
{
    public static Command Create()
    {
        var kernel = new Argument<string?>("KERNEL") { Arity = ArgumentArity.ZeroOrOne, Description = "A kernel of `mmk kernels`, to see its PTX." };
        var types = new Option<string[]>("--types") { HelpName = "TYPE", Description = "Types for the kernel's type parameters in order, such as F32 F16.", AllowMultipleArgumentsPerToken = true };
        var target = new Option<string>("--arch") { HelpName = "SM", Description = "The PTX target.", DefaultValueFactory = _ => "sm_80" };
        var form = new Option<bool>("--ir") { Description = "Show the compiler's intermediate form after all passes instead." };
        var lines = new Option<bool>("--c-sharp-lines") { Description = "Point back to the C# lines." };
        var command = new Command("ptx", "PTX: of a kernel, or of recorded cases, which `mmk ptx run` runs.") { kernel, types, target, form, lines, RunCases() };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(kernel) is not string name) throw new MmkException(803, "no kernel is named", "Give one of `mmk kernels`, or use `mmk ptx run DIR`");
            Show(name, parsed.GetValue(types) ?? [], parsed.GetRequiredValue(target), parsed.GetValue(form), parsed.GetValue(lines));
            return 0;
        });
        return command;
    }

    private static void Show(string kernel, string[] types, string target, bool form, bool lines)
    {
        if (form)
        {
            Console.Out.Write(KernelInspector.IntermediateForm(kernel, types, target));
            return;
        }
        KernelCode code = KernelInspector.Compile(kernel, types, target, lines);
        Console.Out.Write(code.Ptx);
        Console.Error.WriteLine($"{code.Name}: {code.Instructions} instructions, {code.SharedBytes} bytes of shared memory, compiled in {code.Milliseconds:0.0} ms");
    }

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
