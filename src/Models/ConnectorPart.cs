namespace MmKernels.Models;

/// <summary>A connector and the places where published layouts put its weights.</summary>
public sealed record ConnectorPart(Connector Connector, params IReadOnlyList<string> Names);
