namespace MmKernels.Data.ChatTemplates;

/// <summary>Bounds of one rendering; exceeding one is MMK442.</summary>
/// <param name="Steps">Statements, expressions and list elements that may be visited; text that is looked through counts a step per 16 characters.</param>
/// <param name="Characters">UTF-16 units of text that may be made, intermediate results included.</param>
/// <param name="Depth">Nesting of expressions, blocks, macro calls and values.</param>
public sealed record TemplateLimits(long Steps = 10_000_000, long Characters = 16_000_000, int Depth = 400);
