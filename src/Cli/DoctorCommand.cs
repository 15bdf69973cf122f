using System.CommandLine;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk doctor</c>: what is there, what is missing, what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Says which devices and libraries are there.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        IReadOnlyList<Finding> findings = Doctor.Examine();
        foreach (Finding finding in findings)
        {
            Console.Out.WriteLine($"{Mark(finding.State)}  {finding.Subject,-16} {finding.Text}");
            if (finding.Advice is { } advice) Console.Out.WriteLine($"{"",-24}{advice}");
        }
        return findings.Any(finding => finding.State == FindingState.Broken) ? 1 : 0;
    }

    private static string Mark(FindingState state) => state switch
    {
        FindingState.Fine => "ok     ",
        FindingState.Absent => "absent ",
        _ => "BROKEN ",
    };
}
