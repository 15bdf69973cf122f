namespace MmKernels.Models;

/// <summary>The linear maps of a decoder block.</summary>
public enum Slot
{
    Query, Key, Value, Output, Gate, Up, Down,
}
