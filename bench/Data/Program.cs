using MmKernels.Bench;

string[] known = ["checkpoint", "disk", "header", "floats"];
string[] asked = args.Length == 0 ? known : args;
foreach (string name in asked)
{
    switch (name)
    {
        case "checkpoint": CheckpointBench.Run(); break;
        case "disk": DiskBench.Run(); break;
        case "header": HeaderBench.Run(); break;
        case "floats": FloatsBench.Run(); break;
        default:
            Console.Error.WriteLine($"no bench '{name}'; there are: {string.Join(", ", known)}");
            return 2;
    }
}
return 0;
