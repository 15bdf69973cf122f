using System.Runtime.CompilerServices;
using MmKernels.Dialect;

namespace MmKernels.Graphs;

/// <summary>
/// A recorded sequence of kernel launches. It knows one kind of node, <see cref="Launch(KernelRef, Dim3, Dim3, ReadOnlySpan{Arg})"/>;
/// ops are extension methods that live in their kernels' files. <see cref="Plan"/> turns it into something that runs.
/// </summary>
/// <param name="accelerator">The device, its weights and its kernels.</param>
/// <param name="keepNamed">True to keep every tensor named by <see cref="Name"/> readable after a run (dumps, verification); costs memory.</param>
public sealed class Graph(Accelerator accelerator, bool keepNamed = false)
{
    private readonly List<LaunchNode> launches = [];
    private readonly List<TensorMemory> memories = [];
    private readonly Dictionary<string, Tensor> named = [];
    private readonly TensorScope constants = accelerator.OpenScope();
    private bool planned;

    public Accelerator Accelerator { get; } = accelerator;

    /// <summary>Whether named tensors stay readable after a run.</summary>
    public bool KeepsNamed => keepNamed;

    /// <summary>The tensors that <see cref="Name"/> has named, where the graph keeps them.</summary>
    public IReadOnlyDictionary<string, Tensor> Named => named;

    internal IReadOnlyList<LaunchNode> Launches => launches;

    internal IReadOnlyList<TensorMemory> Memories => memories;

    internal TensorScope Constants => constants;

    /// <summary>An intermediate tensor; some launch must write it before another reads it.</summary>
    public Tensor New(DType dtype, params ReadOnlySpan<int> dims)
    {
        var shape = new Shape(dims);
        var memory = new TensorMemory(this, shape.Elements * dtype.Bytes());
        memories.Add(memory);
        return new Tensor(dtype, shape, memory);
    }

    /// <summary>A tensor with a content that the host knows while recording; it lives as long as the plan.</summary>
    public Tensor Constant<T>(DType dtype, Shape shape, ReadOnlySpan<T> content) where T : unmanaged => constants.Upload(dtype, shape, content);

    /// <summary>Keeps a tensor's memory from being reused, so that it can be read after a run.</summary>
    public Tensor Keep(Tensor tensor)
    {
        tensor.Memory.LastUse = int.MaxValue;
        return tensor;
    }

    /// <summary>Gives a tensor a stage's name, for traces, errors and (where the graph keeps named tensors) for reading it after a run.</summary>
    public Tensor Name(Tensor tensor, string name)
    {
        var result = new Tensor(tensor.DType, tensor.Shape, tensor.Memory, tensor.Offset, name);
        if (tensor.Memory.Graph == this) tensor.Memory.Stage = name;
        if (keepNamed) named[name] = Keep(result);
        return result;
    }

    /// <summary>Checks a rule of shapes while recording; the error shows the rule's text and the tensors.</summary>
    public void Require(bool rule, Tensor a, Tensor? b = null, Tensor? c = null, [CallerArgumentExpression(nameof(rule))] string text = "")
    {
        if (!rule) throw GraphErrors.Rule(text, string.Join(", ", new[] { a, b, c }.Where(tensor => tensor is not null)));
    }

    /// <summary>Records a launch of one-dimensional groups.</summary>
    public void Launch(KernelRef kernel, Dim3 grid, int group, params ReadOnlySpan<Arg> arguments) => Launch(kernel, grid, new Dim3(group), arguments);

    /// <summary>Records a launch: arguments in the order of the kernel's parameters.</summary>
    public void Launch(KernelRef kernel, Dim3 grid, Dim3 group, params ReadOnlySpan<Arg> arguments)
    {
        if (planned) throw GraphErrors.AlreadyPlanned();
        if (Math.Min(grid.X, Math.Min(grid.Y, grid.Z)) < 1 || Math.Min(group.X, Math.Min(group.Y, group.Z)) < 1 || group.Count > 1024)
            throw GraphErrors.EmptyLaunch(kernel, grid, group);
        var node = new LaunchNode(kernel, Accelerator.Kernels.Parameters(kernel, group), grid, group, arguments.ToArray(), Accelerator.Kernels.Request(kernel, group));
        Check(node);
        launches.Add(node);
    }

    /// <summary>Says for traces what the launch recorded last does; without it, that it reads and writes its tensors once.</summary>
    /// <param name="operations">Additions and multiplications.</param>
    /// <param name="bytes">Bytes of memory that it must read and write; negative where that depends on what tensors hold.</param>
    public void Work(double operations, double? bytes = null) => (launches[^1].Operations, launches[^1].Bytes) = (operations, bytes);

    /// <summary>Places the intermediate tensors, compiles the kernels, and makes the graph runnable. No launch can be recorded afterwards.</summary>
    public GraphPlan Plan()
    {
        if (planned) throw GraphErrors.AlreadyPlanned();
        planned = true;
        return new GraphPlan(this);
    }

    private void Check(LaunchNode node)
    {
        KernelParameterRule[] parameters = node.Parameters;
        if (parameters.Length != node.Arguments.Length)
            throw GraphErrors.WrongArguments(node.Kernel, $"{node.Arguments.Length} arguments for {parameters.Length} parameters");
        for (int i = 0; i < parameters.Length; i++)
        {
            Arg argument = node.Arguments[i];
            if (argument.Tensor is Tensor tensor) CheckTensor(node, parameters[i], tensor);
            else if (parameters[i].IsView || argument.ScalarType != parameters[i].Type)
                throw GraphErrors.WrongArguments(node.Kernel, $"`{parameters[i].Name}` is {parameters[i].TypeName}, the argument {argument.ScalarType?.Name ?? "missing"}");
        }
    }

    private void CheckTensor(LaunchNode node, KernelParameterRule parameter, Tensor tensor)
    {
        if (!parameter.IsView)
            throw GraphErrors.WrongArguments(node.Kernel, $"`{parameter.Name}` is {parameter.TypeName}, the argument the tensor {tensor}");
        if (!Holds(parameter.Type, tensor.DType))
            throw GraphErrors.WrongArguments(node.Kernel, $"`{parameter.Name}` holds {parameter.Type.Name}, the tensor {tensor} does not");

        TensorMemory memory = tensor.Memory;
        if (memory.Graph is null)
        {
            if (memory.Buffer is null) throw GraphErrors.NotReadable(tensor);
            return;
        }
        if (memory.Graph != this) throw GraphErrors.ForeignTensor(node.Kernel, tensor);
        if (memory.FirstUse < 0)
        {
            bool reads = tensor.Shape.Elements > 0 && parameter.Reads;
            if (reads) throw GraphErrors.Unwritten(node.Kernel, tensor);
            memory.FirstUse = launches.Count;
        }
        if (memory.LastUse != int.MaxValue) memory.LastUse = launches.Count;
    }

    private static bool Holds(Type element, DType dtype) => dtype switch
    {
        DType.F32 => element == typeof(F32) || element == typeof(float),
        DType.F16 => element == typeof(F16) || element == typeof(Half),
        DType.BF16 => element == typeof(BF16),
        DType.F64 => element == typeof(double),
        DType.I8 => element == typeof(sbyte),
        DType.U8 => element == typeof(byte),
        DType.Bool => element == typeof(byte),
        DType.I16 => element == typeof(short),
        DType.U16 => element == typeof(ushort),
        DType.I32 => element == typeof(int),
        DType.U32 => element == typeof(uint),
        DType.I64 => element == typeof(long),
        DType.U64 => element == typeof(ulong),
        _ => false,
    };
}

/// <summary>A recorded launch.</summary>
internal sealed record LaunchNode(KernelRef Kernel, KernelParameterRule[] Parameters, Dim3 Grid, Dim3 Group, Arg[] Arguments, Task<LoadedKernel> Loaded)
{
    public double Operations { get; set; }

    /// <summary>Bytes that it moves; null where they are those of its tensors, negative where nobody knows while recording.</summary>
    public double? Bytes { get; set; }
}
