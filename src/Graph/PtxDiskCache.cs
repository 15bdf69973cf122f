using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using MmKernels.Compiler;
using MmKernels.Dialect;

namespace MmKernels.Graphs;

/// <summary>What the cache on disk holds of a kernel.</summary>
/// <param name="Name">The entry's name in the PTX.</param>
/// <param name="Ptx">The module's text.</param>
internal sealed record PtxEntry(string Name, string Ptx);

/// <summary>
/// PTX on disk, one file per kernel. The file's name is a hash of the kernel and of the builds (module version ids) of everything its code can come from:
/// the kernel's assembly and what that references, the dialect and the compiler. A file starts with a hash of its content; one that does not fit is ignored
/// and written anew. Files appear by renaming, so that processes may share the folder.
/// </summary>
internal sealed class PtxDiskCache(string folder)
{
    private const string Magic = "mmkernels-ptx-1";

    private readonly Dictionary<Assembly, string> builds = [];

    /// <summary>The folder named by MMK_CACHE, else mmkernels/kernels in the user's cache folder; null where MMK_CACHE is <c>off</c> or no folder can be made.</summary>
    public static PtxDiskCache? Open()
    {
        string? folder = Environment.GetEnvironmentVariable("MMK_CACHE");
        if (folder == "off") return null;
        if (string.IsNullOrEmpty(folder)) folder = Path.Combine(UserCache(), "mmkernels", "kernels");
        try
        {
            Directory.CreateDirectory(folder);
            return new PtxDiskCache(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Where the files are.</summary>
    public string Folder => folder;

    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    public PtxEntry? Read(MethodInfo method, string key)
    {
        try
        {
            string text = File.ReadAllText(PathOf(method, key), Encoding.UTF8);
            string[] parts = text.Split('\n', 4);
            return parts.Length == 4 && parts[0] == Magic && parts[1] == Hash(parts[2] + "\n" + parts[3]) ? new PtxEntry(parts[2], parts[3]) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Stores an entry; a disk that cannot be written is no error, the kernel is compiled again next time.</summary>
    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    public void Write(MethodInfo method, string key, PtxEntry entry)
    {
        string path = PathOf(method, key);
        string temporary = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        try
        {
            string content = entry.Name + "\n" + entry.Ptx;
            File.WriteAllText(temporary, $"{Magic}\n{Hash(content)}\n{content}", new UTF8Encoding(false));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
        }
    }

    private static void TryDelete(string path)
    {
        try { File.Delete(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    private string PathOf(MethodInfo method, string key)
        => Path.Combine(folder, Hash($"{key}\n{method.DeclaringType!.FullName}\n{Builds(method)}")[..40] + ".ptx");

    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    private string Builds(MethodInfo method)
    {
        var text = new StringBuilder(Build(typeof(KernelCompiler).Assembly)).Append(Build(typeof(In<>).Assembly)).Append(Build(method.Module.Assembly));
        foreach (Type argument in method.IsGenericMethod ? method.GetGenericArguments() : []) text.Append(Build(argument.Assembly));
        return text.ToString();
    }

    /// <summary>The build of an assembly and of what it references outside the framework.</summary>
    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    private string Build(Assembly assembly)
    {
        lock (builds)
        {
            if (builds.TryGetValue(assembly, out string? build)) return build;
            build = string.Concat(KernelBuilds.Of(assembly).Select(part => part.ManifestModule.ModuleVersionId));
            return builds[assembly] = build;
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string UserCache()
    {
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(xdg)) return xdg;
        string local = Environment.GetFolderPath(OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.UserProfile);
        if (local.Length == 0) return Path.GetTempPath();
        return OperatingSystem.IsWindows() ? local : Path.Combine(local, ".cache");
    }
}
