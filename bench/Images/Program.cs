using MmKernels.Bench;

return args switch
{
    [] => JpegBench.Run() + ResizeBench.Run(),
    ["jpeg"] => JpegBench.Run(),
    ["jpeg", string path] => JpegBench.RunFile(path),
    ["resize"] => ResizeBench.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Images.Bench [jpeg [FILE] | resize]");
    return 2;
}
