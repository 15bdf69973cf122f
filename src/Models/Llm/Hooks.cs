namespace MmKernels.Models;

/// <summary>A connector's part in the decoder's blocks.</summary>
/// <param name="Connector">Whose hooks are called.</param>
/// <param name="Visual">What it made of the pictures.</param>
/// <param name="Map">Which rows are text and which visual.</param>
public sealed record Hooks(ConnectorModule Connector, Visual Visual, TokenMap Map);
