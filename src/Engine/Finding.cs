using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MmKernels.Engine;

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">What.</param>
/// <param name="State">How it stands.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do, where something can be done.</param>
public sealed record Finding(string Subject, FindingState State, string Text, string? Advice = null);
