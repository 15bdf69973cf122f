using System.Reflection;
using MmKernels.Graphs;

namespace MmKernels.Tests;

public sealed class PtxDiskCacheTests : IDisposable
{
    private static readonly MethodInfo Method = new KernelRef(typeof(TestKernels), nameof(TestKernels.AddIntoKernel)).Resolve();

    private readonly string folder = Directory.CreateTempSubdirectory("mmk-cache-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Entry_IsReadBackByAnotherInstance()
    {
        var entry = new PtxEntry("AddInto", ".version 7.8\n// several\n\n lines \n");
        new PtxDiskCache(folder).Write(Method, "key", entry);
        Assert.Equal(entry, new PtxDiskCache(folder).Read(Method, "key"));
        Assert.Null(new PtxDiskCache(folder).Read(Method, "other key"));
    }

    [Fact]
    public void DamagedFile_IsIgnoredAndWrittenAnew()
    {
        var cache = new PtxDiskCache(folder);
        var entry = new PtxEntry("AddInto", ".version 7.8\n");
        cache.Write(Method, "key", entry);
        string file = Assert.Single(Directory.GetFiles(folder));
        byte[] content = File.ReadAllBytes(file);
        for (int cut = 0; cut < content.Length; cut += 7)
        {
            File.WriteAllBytes(file, content[..cut]);
            Assert.Null(cache.Read(Method, "key"));
        }
        for (int i = 0; i < content.Length; i++)
        {
            byte[] damaged = [.. content];
            damaged[i] ^= 0x20;
            File.WriteAllBytes(file, damaged);
            Assert.Null(cache.Read(Method, "key"));
        }
        cache.Write(Method, "key", entry);
        Assert.Equal(entry, cache.Read(Method, "key"));
    }

    [Fact]
    public void ManyWriters_LeaveOneWholeFile()
    {
        var cache = new PtxDiskCache(folder);
        var entry = new PtxEntry("AddInto", new string('x', 100_000));
        Parallel.For(0, 64, i =>
        {
            cache.Write(Method, "key", entry);
            Assert.True(cache.Read(Method, "key") is null or { Ptx.Length: 100_000 });
        });
        Assert.Equal(entry, cache.Read(Method, "key"));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void FolderThatCannotBeWritten_IsNoError()
    {
        var cache = new PtxDiskCache(Path.Combine(folder, "missing"));
        cache.Write(Method, "key", new PtxEntry("a", "b"));
        Assert.Null(cache.Read(Method, "key"));
    }
}
