namespace MmKernels.Compiler;

/// <summary>
/// Every error that a kernel can cause, MMK200 to MMK299 (200 is the dialect's). <c>place</c> is file and line of the C# source, innermost call first.
/// </summary>
internal static class Diagnostics
{
    public static MmkException Signature(string kernel, string why)
        => new(201, $"{kernel} is not a kernel: {why}", "A kernel is a static method that returns void and whose type arguments are all given");

    public static MmkException ParameterType(string kernel, string parameter, string type)
        => new(202, $"{kernel}: the parameter `{parameter}` has the type {type}", "A kernel's parameters are views (In<T>, Out<T>, InOut<T>, ArrayView<T>), numbers, and structs of numbers up to 4 KB; views are parameters of their own");

    public static MmkException Instruction(string place, string name)
        => new(203, $"{place}: `{name}` has no meaning on a GPU", "Write it with arithmetic on numbers, structs and views");

    public static MmkException Virtual(string place, string method)
        => new(204, $"{place}: `{method}` is called through a table", "A kernel can only call static methods and methods of structs, because the GPU has no method tables; use a type argument with a static abstract interface");

    public static MmkException Framework(string place, string method, string hint)
        => new(205, $"{place}: `{method}` is not a function of kernels", hint);

    public static MmkException Allocation(string place, string type)
        => new(206, $"{place}: `new {type}` needs a heap", "Use a struct, LocalMemory.Allocate or SharedMemory.Allocate");

    public static MmkException Boxing(string place, string type)
        => new(207, $"{place}: the value of type {type} is boxed", "Give the method a type argument instead of object or an interface");

    public static MmkException Delegate(string place)
        => new(208, $"{place}: a delegate is made", "Pass the function as a type argument: a struct with a static abstract interface");

    public static MmkException Text(string place)
        => new(209, $"{place}: a string is used", "Kernels know numbers only");

    public static MmkException Exceptions(string place, string what)
        => new(210, $"{place}: `{what}`", "Kernels cannot throw or catch; check arguments on the host, before the launch");

    public static MmkException Recursion(string place, string method)
        => new(211, $"{place}: `{method}` calls itself", "Calls are inlined, so recursion has no end; write a loop");

    public static MmkException NotConstant(string place, string what)
        => new(212, $"{place}: {what} is not known when the kernel is compiled", "Use a literal, a const, a static abstract property of a type argument, or a value computed from Unroll.From");

    public static MmkException StaticField(string place, string field)
        => new(213, $"{place}: the static field `{field}` is used", "Kernels see const and static readonly fields of numbers and structs of numbers; pass other values as parameters");

    public static MmkException TooLarge(string place, string what)
        => new(214, $"{place}: {what}", "An unrolled loop has too many rounds, or unrolled code is nested in too many branches; leave Unroll.From out of the outer loop");

    public static MmkException TypeInKernel(string place, string type)
        => new(215, $"{place}: a value of the type {type}", "Kernels know numbers, structs of numbers, views and references");

    public static MmkException Range(string place, long index, int length)
        => new(216, $"{place}: index {index} of an array of {length} elements", "Indices of local arrays that are known when compiling must be in range");

    public static MmkException NoBody(string place, string method)
        => new(217, $"{place}: `{method}` has no IL", "Kernels can call methods with a body in C# only");

    public static MmkException Uninitialised(string place, string what)
        => new(218, $"{place}: {what} has no value on this path", "Assign views and references before they are used, on every path");

    public static MmkException Checked(string place)
        => new(219, $"{place}: checked arithmetic", "GPUs do not trap overflow; remove `checked` or compile without <CheckForOverflowUnderflow>");

    public static MmkException Target(string what, string needs)
        => new(220, what, needs);

    public static MmkException Argument(string place, string what, string hint)
        => new(221, $"{place}: {what}", hint);

    public static MmkException WideNumber(string place, string type)
        => new(222, $"{place}: a value of the type {type}", "GPUs compute in 64 bits at most; use long, ulong or double, or two of them");

    public static MmkException Pointer(string place, string what)
        => new(203, $"{place}: {what} has no meaning on a GPU", "Use views, spans of stackalloc, and ref; they are addresses too");

    public static MmkException RuntimeLayout(string place, string type)
        => new(223, $"{place}: {type} in memory has the layout that the runtime chooses", "Use a struct of your own; its fields stay in their order");

    public static MmkException Divergent(string place, string what)
        => new(224, $"{place}: {what} is reached by some threads of the group only", "Every thread must come here: move it out of the branch, or let the condition be the same for all threads");

    public static MmkException Unreadable(string kernel, Exception inner)
        => new(225, $"what {kernel} refers to cannot be read: {inner.Message}", "Put the assemblies that the kernel uses beside its own, in the versions it was built with", inner);

    /// <summary>A fault of the compiler itself.</summary>
    public static MmkException Broken(string kernel, string pass, string what, Exception? inner = null)
        => new(299, $"the compiler broke {kernel} in `{pass}`: {what}", "This is a bug of the compiler, not of the kernel; please report the kernel", inner);
}
