using System.Reflection;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>The kernels that come with the engine.</summary>
public static class ShippedKernels
{
    public static Assembly Assembly => typeof(GemmKernel).Assembly;
}
