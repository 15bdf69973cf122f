namespace MmKernels.Engine;

/// <summary>One line about a tensor, or about several together.</summary>
/// <param name="Depth">How deep in the tree of names; 0 in lists.</param>
/// <param name="Name">The tensor's name, a part of it, or the name of a format; control characters are escaped.</param>
/// <param name="Tensors">How many tensors the line stands for.</param>
/// <param name="Format">The storage format, or null for a group.</param>
/// <param name="Shape">For example <c>[4096, 4096]</c>, or null for a group.</param>
/// <param name="Elements">Elements of all its tensors.</param>
/// <param name="Bytes">Bytes of all its tensors.</param>
/// <param name="File">The file that holds the tensor, or null for a group.</param>
public sealed record InspectionRow(int Depth, string Name, int Tensors, string? Format, string? Shape, long Elements, long Bytes, string? File);
