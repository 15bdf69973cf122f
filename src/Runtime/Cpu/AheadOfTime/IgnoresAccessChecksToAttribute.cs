namespace System.Runtime.CompilerServices;

/// <summary>The runtime knows this attribute by its name: an assembly that has it may call what another keeps to itself, as code made in memory may.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName => assemblyName;
}
