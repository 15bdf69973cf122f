namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>The kernel holds something that the JIT leaves to the interpreter. Never leaves this folder.</summary>
internal sealed class NotCompilableException(int line, string reason) : Exception(line > 0 ? $"PTX line {line}: {reason}" : reason);
