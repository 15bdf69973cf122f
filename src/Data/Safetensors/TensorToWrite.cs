namespace MmKernels.Data;

/// <summary>One tensor for <see cref="SafetensorsWriter"/>.</summary>
/// <param name="Name">Any text but <c>__metadata__</c>.</param>
/// <param name="Format">A format of safetensors, none of GGUF's blocks.</param>
/// <param name="Shape">Outermost dimension first.</param>
/// <param name="WriteBytes">Writes exactly the bytes that format and shape need, little endian, row-major; called once, when the tensor's turn comes.</param>
public sealed record TensorToWrite(string Name, TensorFormat Format, Shape Shape, Action<Stream> WriteBytes)
{
    /// <summary>A tensor whose bytes are in memory.</summary>
    public TensorToWrite(string name, TensorFormat format, Shape shape, ReadOnlyMemory<byte> bytes)
        : this(name, format, shape, stream => stream.Write(bytes.Span))
    {
    }
}
