using System.Security.Cryptography;
using System.Text;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu.AheadOfTime;

/// <summary>What ahead-of-time code is code of: an entry of a PTX text in a launch form, for one width of vectors.</summary>
/// <param name="Ptx">Hash of the text that the device is given.</param>
/// <param name="Entry">Name of the entry.</param>
/// <param name="Form">The launch form.</param>
/// <param name="Lanes">Lanes of the vectors.</param>
internal readonly record struct CpuCodeKey(string Ptx, string Entry, LaunchForm Form, int Lanes)
{
    public static string Hash(string ptx) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ptx)));
}

/// <summary>One kernel's ahead-of-time code.</summary>
/// <param name="Key">What it is code of.</param>
/// <param name="Instructions">What the processor must have.</param>
/// <param name="Facts">What a launch must know.</param>
/// <param name="Regions">Number of regions.</param>
internal sealed record CpuCodeEntry(CpuCodeKey Key, VectorInstructions Instructions, CodeFacts Facts, int Regions);
