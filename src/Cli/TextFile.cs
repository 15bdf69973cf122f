namespace MmKernels.Cli;

/// <summary>Text that a user names by a path, or gives on standard input.</summary>
internal static class TextFile
{
    /// <summary>The content of a file; <c>-</c> reads standard input.</summary>
    /// <exception cref="MmkException">MMK801: there is no such file, or it cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return path == "-" ? Console.In.ReadToEnd() : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MmkException(801, $"{path} cannot be read: {e.Message}", "Check the path", e);
        }
    }

    /// <summary>Writes a file.</summary>
    /// <exception cref="MmkException">MMK806: it cannot be written.</exception>
    public static void Write(string path, string content)
    {
        try { File.WriteAllText(path, content); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { throw new MmkException(806, $"{path} cannot be written: {e.Message}", "Check the path", e); }
    }
}
