using System.Globalization;
using MmKernels.Bench;

return args switch
{
    [] => JpegBench.Run() + ResizeBench.Run(),
    ["jpeg"] => JpegBench.Run(),
    ["jpeg", string path] => JpegBench.RunFile(path),
    ["resize"] => ResizeBench.Run(),
    ["compare", string count] => Comparison.Run(int.Parse(count, CultureInfo.InvariantCulture)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Images.Bench [jpeg [FILE] | resize | compare COUNT]");
    return 2;
}
