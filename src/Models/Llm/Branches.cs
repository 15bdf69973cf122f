using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A branch of a block: of its input, plus a residual where given.</summary>
internal delegate Tensor Branch(Tensor input, Tensor? residual);

/// <summary>What a block adds to its input.</summary>
/// <param name="Attend">Attention to the tokens before.</param>
/// <param name="Feed">The MLP.</param>
/// <param name="Look">Attention to an encoder's states; null in a decoder without an encoder.</param>
internal sealed record Branches(Branch Attend, Branch Feed, Branch? Look = null);
