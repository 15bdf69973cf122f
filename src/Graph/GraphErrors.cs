namespace MmKernels.Graphs;

/// <summary>The errors of the graph and of ops: numbers 500 to 599.</summary>
internal static class GraphErrors
{
    public static MmkException Rule(string rule, string values)
        => new(500, $"the shapes break the rule `{rule}`: {values}");

    public static MmkException NoElement(DType type)
        => new(501, $"kernels cannot read elements of type {type}", "Use F32, F16 or BF16 tensors");

    public static MmkException NoKernel(KernelRef kernel, Exception? inner = null)
        => new(502, $"there is no kernel {kernel}", "A kernel is a static method, named once in its class, with as many type parameters as arguments are given", inner);

    public static MmkException WrongArguments(KernelRef kernel, string problem)
        => new(503, $"a launch of {kernel} does not fit the kernel's parameters: {problem}");

    public static MmkException Unwritten(KernelRef kernel, Tensor tensor)
        => new(504, $"{kernel} reads the tensor {tensor} before any launch has written it");

    public static MmkException AlreadyPlanned()
        => new(505, "the graph is planned and can record no more launches", "Record everything before Plan, or record a new graph");

    public static MmkException NotReadable(Tensor tensor)
        => new(506, $"the tensor {tensor} has no memory to copy from or to", "Plan its graph first, and keep the tensor with Graph.Keep so that its memory is not reused");

    public static MmkException WrongSize(Tensor tensor, long bytes)
        => new(507, $"{bytes} bytes do not fit the tensor {tensor} of {tensor.Bytes} bytes");

    public static MmkException UnknownDevice(string name)
        => new(508, $"there is no device named `{name}`", "Known are cpu, interpreter and cuda:N (N = 0, 1, ...)");

    public static MmkException BadReshape(Tensor tensor, Shape shape)
        => new(509, $"the tensor {tensor} cannot become {shape}: the number of elements differs");

    public static MmkException BadSlice(Tensor tensor, int start, int count)
        => new(510, $"the tensor {tensor} has no rows {start} to {start + (long)count - 1}");

    public static MmkException EmptyLaunch(KernelRef kernel, Dim3 grid, Dim3 group)
        => new(511, $"a launch of {kernel} needs at least one block of 1 to 1024 threads, not a grid of {grid} with groups of {group}");

    public static MmkException ForeignTensor(KernelRef kernel, Tensor tensor)
        => new(512, $"{kernel} is given the tensor {tensor} of another graph", "Only persistent tensors are shared between graphs");

    public static MmkException WrongDType(Tensor tensor, DType expected)
        => new(513, $"the tensor {tensor} holds {tensor.DType} where {expected} is needed");

    public static MmkException NoCase(string folder)
        => new(515, $"{folder} is no case and holds none", "Give a folder with kernel.ptx, case.json and data.safetensors, or a folder of such folders");

    public static MmkException NotInCatalog(string name, IEnumerable<string> known)
        => new(514, $"there is no kernel named `{name}`", $"Known are {string.Join(", ", known)}");

    public static MmkException NoSuchType(string name)
        => new(515, $"no type named `{name}` can close a kernel's type parameters", "Use F32, F16 or BF16, or a struct of the kernels' own, in the order of the type parameters");

    public static MmkException NotPacked(KernelRef kernel, Dim3 group, string target)
        => new(530, $"`{KernelList.Line(kernel, group)}` for {target} is in no kernel pack of this program, which was compiled ahead of time and cannot compile kernels",
            "Add the line to the kernel list that the pack is made from, and publish again");

    public static MmkException DamagedPack(string pack, string what)
        => new(531, $"the kernel pack {pack} cannot be used: {what}", "Make it again with `mmk pack`");

    public static MmkException StalePack(string pack, string assembly, Guid made, Guid? build)
        => new(532, $"the kernel pack {pack} was made from the build {made} of {assembly}, {(build is null ? "which is no part of this program" : $"this program has {build}")}",
            "Make it again with `mmk pack`");

    public static MmkException UnpackableParameter(KernelRef kernel, string parameter, Type type)
        => new(533, $"`{parameter}` of {kernel} is of the type {type}", "Packs describe scalars and views of numbers");

    public static MmkException UnwritablePack(string path, Exception inner)
        => new(534, $"the kernel pack {path} cannot be written: {inner.Message}", inner: inner);

    public static MmkException BadListLine(string file, int line, string text, string what)
        => new(535, $"{file}, line {line}: `{text}`: {what}", "A line names a kernel and its groups, for example `RmsNormKernel.Kernel<F32, BF16> 128`; `mmk run --kernel-list FILE` writes such lines");

    public static MmkException UnpackableFields(KernelRef kernel)
        => new(536, $"{kernel} reads static fields, whose values are those of the process that compiles it", "Make them constants, or parameters of the kernel");
}
