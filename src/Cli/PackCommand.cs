using System.CommandLine;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk pack</c>: kernels compiled ahead of time.</summary>
internal static class PackCommand
{
    public static Command Create()
    {
        var output = new Argument<string>("FILE") { Description = "The assembly to write; programs reference it under the name MmKernels.Pack.dll." };
        output.RefuseOptions();
        var list = new Option<string>("--list") { HelpName = "LIST", Required = true, Description = "A text file with a kernel and the size of its groups on each line, as `mmk run --kernel-list` writes it." };
        var kernels = new Option<string[]>("--kernels") { HelpName = "DLL", Description = "Assemblies with further kernels.", AllowMultipleArgumentsPerToken = true };
        var targets = new Option<string[]>("--arch") { HelpName = "SM", Description = "The PTX targets.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["sm_80", "sm_90"] };
        var lanes = new Option<int[]>("--lanes") { HelpName = "N", Description = "Widths of the vectors of CPU code: 16 for AVX-512, 8 for AVX2, 4 for any processor.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [16, 8, 4] };
        var command = new Command("pack", "Compiles kernels to PTX and CPU code ahead of time, for programs that are published with NativeAOT.") { output, list, kernels, targets, lanes };
        command.SetAction(parsed => Run(KernelPacker.Write(parsed.GetRequiredValue(output), parsed.GetRequiredValue(list), parsed.GetValue(kernels) ?? [], parsed.GetRequiredValue(targets), parsed.GetRequiredValue(lanes))));
        return command;
    }

    private static int Run(PackReport report)
    {
        foreach (string kernel in report.Interpreted) Console.Error.WriteLine($"interpreted on the CPU: {kernel}");
        Console.Out.WriteLine($"{report.Listed} kernels, {report.Kernels} with their targets, {report.Bytes} bytes");
        return 0;
    }
}
