using System.Buffers;
using System.Text.Json;
using MmKernels.Graphs;

namespace MmKernels.Engine;

/// <summary>
/// Writes a line of JSON per kernel launch on a model's device while it is open: <c>kernel</c>, <c>output</c> (the stage and shape that it writes), <c>ms</c>,
/// <c>operations</c> (where the op says them) and <c>bytes</c> (that it must move, where that is known beforehand). Launches wait for each other meanwhile.
/// </summary>
public sealed class LaunchLog : IDisposable
{
    private readonly Accelerator accelerator;
    private readonly string path;
    private readonly FileStream file;
    private readonly ArrayBufferWriter<byte> line = new();

    /// <summary>Begins to log; an existing file is replaced.</summary>
    /// <exception cref="MmkException">MMK719: the file cannot be written; also while launches are logged.</exception>
    public LaunchLog(MmModel model, string path)
    {
        this.path = path;
        try
        {
            file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw EngineErrors.LogUnwritable(path, e);
        }
        accelerator = model.Accelerator;
        accelerator.Traced = Write;
    }

    /// <exception cref="MmkException">MMK719: the file's end cannot be written.</exception>
    public void Dispose()
    {
        accelerator.Traced = null;
        try
        {
            file.Dispose();
        }
        catch (IOException e)
        {
            throw EngineErrors.LogUnwritable(path, e);
        }
    }

    private void Write(LaunchTrace launch)
    {
        line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("kernel", launch.Kernel);
            json.WriteString("output", launch.Output);
            json.WriteNumber("ms", Math.Round(launch.Milliseconds, 6));
            if (launch.Operations > 0) json.WriteNumber("operations", launch.Operations);
            if (launch.Bytes >= 0) json.WriteNumber("bytes", launch.Bytes);
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        try
        {
            file.Write(line.WrittenSpan);
        }
        catch (IOException e)
        {
            throw EngineErrors.LogUnwritable(path, e);
        }
    }
}
