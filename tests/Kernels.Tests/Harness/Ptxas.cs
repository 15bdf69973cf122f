using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MmKernels.Tests.Kernels;

/// <summary>NVIDIA's assembler where it is installed. What it said about a text is kept in the temporary folder under the text's hash.</summary>
public sealed partial class Ptxas
{
    private readonly string program;
    private readonly string cache = Path.Combine(Path.GetTempPath(), "mmkernels-ptxas");

    private Ptxas(string program)
    {
        this.program = program;
        Directory.CreateDirectory(cache);
    }

    /// <summary>Named by MMK_PTXAS, else in the user's cache folder, else on the PATH; null where there is none.</summary>
    public static Ptxas? Find()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var places = new List<string?> { Environment.GetEnvironmentVariable("MMK_PTXAS"), Path.Combine(home, ".cache/mmkernels/cuda-tools/root/usr/bin/ptxas") };
        places.AddRange((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "ptxas")));
        string? found = places.FirstOrDefault(place => !string.IsNullOrEmpty(place) && File.Exists(place));
        return found is null ? null : new Ptxas(found);
    }

    /// <summary>Null where the text assembles without spills and stack, else what is wrong.</summary>
    public string? Fault(string ptx, string architecture)
    {
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(architecture + "\n" + ptx)));
        string kept = Path.Combine(cache, key);
        if (!File.Exists(kept))
        {
            string part = $"{kept}.{Environment.ProcessId}";
            File.WriteAllText(part, Assemble(ptx, architecture, part + ".ptx"));
            File.Move(part, kept, overwrite: true);
        }
        string report = File.ReadAllText(kept);
        if (!report.StartsWith("exit 0\n", StringComparison.Ordinal)) return report;
        foreach (Match match in Usage().Matches(report))
            if (match.Groups.Values.Skip(1).Any(group => int.Parse(group.Value, CultureInfo.InvariantCulture) != 0)) return $"{architecture}: {match.Value}";
        return null;
    }

    private string Assemble(string ptx, string architecture, string file)
    {
        File.WriteAllText(file, ptx);
        try
        {
            var start = new ProcessStartInfo(program, ["-v", "-arch=" + architecture, "-o", "/dev/null", file]) { RedirectStandardError = true, RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string text = process.StandardError.ReadToEnd() + output.Result;
            process.WaitForExit();
            return $"exit {process.ExitCode}\n{text}";
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex Usage();
}
