using System.Text;
using MmKernels.Dialect;

namespace MmKernels.Graphs;

/// <summary>A kernel that was compiled ahead of time.</summary>
/// <param name="Key">What <see cref="KeyOf"/> gives for it.</param>
/// <param name="Entry">Name of the entry in the PTX.</param>
/// <param name="Parameters">What its launches' arguments must be.</param>
/// <param name="Ptx">The module's text.</param>
internal sealed record PackedKernel(string Key, string Entry, KernelParameterRule[] Parameters, string Ptx)
{
    /// <summary>The kernel for groups of this size on this target.</summary>
    public static string KeyOf(KernelRef kernel, Dim3 group, string target) => $"{Identity(kernel)} {group.X},{group.Y},{group.Z} {target}";

    /// <summary>The kernel whatever its groups and target: full names of the class and the type arguments.</summary>
    public static string Identity(KernelRef kernel)
    {
        var text = new StringBuilder(kernel.Host.FullName).Append('.').Append(kernel.Method);
        foreach (Type argument in kernel.TypeArguments) text.Append('|').Append(argument.FullName);
        return text.ToString();
    }

    /// <summary>The part of a key that <see cref="Identity"/> gives.</summary>
    public static string IdentityOf(string key) => key[..key.IndexOf(' ')];

    /// <summary>Types that parameters have, by the name that packs give them.</summary>
    public static readonly IReadOnlyDictionary<string, Type> ParameterTypes = new[]
    {
        typeof(F32), typeof(F16), typeof(BF16), typeof(float), typeof(double), typeof(Half), typeof(bool),
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
    }.ToDictionary(type => type.Name);
}
