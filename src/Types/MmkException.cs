namespace MmKernels;

/// <summary>
/// The one exception that this library throws on purpose. It says what is wrong, with the values and the place,
/// and (in <see cref="Hint"/>) what to do. Numbers never change meaning; each floor has a hundred of them:
/// Types 0, Ptx 100, Compiler and Dialect 200, Runtime 300, Data 400, Graph and kernels 500, Models 600, Engine 700, Cli 800.
/// </summary>
public sealed class MmkException : Exception
{
    public MmkException(int number, string problem, string? hint = null, Exception? inner = null)
        : base(hint is null ? $"MMK{number:000} {problem}" : $"MMK{number:000} {problem}. {hint}", inner)
    {
        Number = number;
        Problem = problem;
        Hint = hint;
    }

    /// <summary>The number in <c>MMK123</c>.</summary>
    public int Number { get; }

    /// <summary>What is wrong, with the values and the place.</summary>
    public string Problem { get; }

    /// <summary>What to do about it, where that is known.</summary>
    public string? Hint { get; }
}
