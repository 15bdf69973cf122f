using System.Globalization;
using MmKernels.Fuzz;

const int NightlyInputs = 200_000;

string? Option(string name) => Array.IndexOf(args, name) is var i and >= 0 && i + 1 < args.Length ? args[i + 1] : null;

int inputs = int.Parse(Option("--inputs") ?? $"{NightlyInputs}", CultureInfo.InvariantCulture);
ulong seed = ulong.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture);
string? wanted = Option("--target");
FuzzTarget[] targets = [.. FuzzTarget.All.Where(target => wanted is null || target.Name == wanted)];
if (targets.Length == 0)
{
    Console.Error.WriteLine($"no target '{wanted}'; targets: {string.Join(", ", FuzzTarget.All.Select(target => target.Name))}");
    return 2;
}
if (Option("--only") is { } only)
{
    byte[] input = new Mutator(targets[0]).Make(seed, int.Parse(only, CultureInfo.InvariantCulture));
    if (Option("--save") is { } path) File.WriteAllBytes(path, input);
    targets[0].Run(input);
    Console.WriteLine($"{targets[0].Name} seed {seed} input {only}: accepted ({input.Length} bytes)");
    return 0;
}
int failures = 0;
foreach (FuzzTarget target in targets)
{
    FuzzReport report = Fuzzer.Run(target, seed, inputs, TimeSpan.MaxValue);
    Console.WriteLine(report);
    foreach (string failure in report.Failures) Console.WriteLine(failure);
    failures += report.Failures.Count;
}
return failures == 0 ? 0 : 1;
