using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MmKernels.Engine;

/// <summary>How something stands.</summary>
public enum FindingState
{
    Fine,

    /// <summary>Not there, and not needed.</summary>
    Absent,

    /// <summary>Needed, and not working.</summary>
    Broken,
}
