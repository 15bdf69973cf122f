using System.IO.MemoryMappedFiles;

namespace MmKernels.Data;

/// <summary>
/// A file whose bytes have addresses: mapped for reading, paged in where touched, any size. A file that somebody shortens while it is mapped
/// takes the process down, as with every memory-mapped reader.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly byte* start;
    private bool disposed;

    private MappedFile(string path, long length, MemoryMappedFile? map)
    {
        Path = path;
        Length = length;
        this.map = map;
        if (map is null) return;
        view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
    }

    public string Path { get; }

    /// <summary>Size in bytes.</summary>
    public long Length { get; }

    /// <summary>Address of the first byte; null for an empty file.</summary>
    /// <exception cref="ObjectDisposedException">The checkpoint was closed.</exception>
    public byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(Checkpoint));
            return start;
        }
    }

    /// <exception cref="MmkException">MMK400: the file is missing or cannot be opened or mapped.</exception>
    public static MappedFile Open(string path)
    {
        FileStream? file = null;
        MemoryMappedFile? map = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            long length = file.Length;
            // An empty file cannot be mapped.
            if (length > 0) map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            else file.Dispose();
            return new MappedFile(path, length, map);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            map?.Dispose();
            file?.Dispose();
            throw DataErrors.FileUnreadable(path, DataErrors.Show(e.Message), e);
        }
    }

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        view?.SafeMemoryMappedViewHandle.ReleasePointer();
        view?.Dispose();
        map?.Dispose();
    }
}
