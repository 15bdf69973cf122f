using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Engine;

/// <summary>A decoded picture and what is to be done with it.</summary>
/// <param name="Source">RGB bytes.</param>
/// <param name="Plan">The preprocessing for its size.</param>
/// <param name="Tokens">Rows of the prompt that it will fill.</param>
internal sealed record PreparedPicture(Image Source, ResolvedPlan Plan, int Tokens);
