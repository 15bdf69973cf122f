using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using MmKernels.Dialect;

namespace MmKernels.Graphs;

/// <summary>A kernel and the size of its groups.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Group">Threads of a group.</param>
public sealed record ListedKernel(KernelRef Kernel, Dim3 Group);

/// <summary>Kernels as text, one a line: <c>RmsNormKernel.Kernel&lt;F32, BF16&gt; 128</c>; the groups may have three sizes with commas between; what follows <c>#</c> is a comment.</summary>
public static class KernelList
{
    private static readonly Type[] Common = [typeof(F32), typeof(F16), typeof(BF16), typeof(float), typeof(double), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(byte)];

    /// <summary>A kernel's line.</summary>
    public static string Line(KernelRef kernel, Dim3 group) => group.Y == 1 && group.Z == 1 ? $"{kernel} {group.X}" : $"{kernel} {group.X},{group.Y},{group.Z}";

    /// <summary>Reads a list.</summary>
    /// <param name="text">The lines.</param>
    /// <param name="file">Their file, for errors.</param>
    /// <param name="assemblies">Where the kernels' classes and their type arguments are.</param>
    /// <exception cref="MmkException">MMK535: a line that is none, or names what is not there or there twice.</exception>
    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    public static IReadOnlyList<ListedKernel> Parse(string text, string file, IReadOnlyList<Assembly> assemblies)
    {
        var kernels = new List<ListedKernel>();
        Type[] types = [.. assemblies.SelectMany(assembly => assembly.GetTypes())];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#')[0].Trim();
            if (line.Length > 0) kernels.Add(Parse(line, types, what => GraphErrors.BadListLine(file, i + 1, line, what)));
        }
        return kernels;
    }

    [RequiresUnreferencedCode(KernelCompilation.Reason)]
    private static ListedKernel Parse(string line, Type[] types, Func<string, MmkException> error)
    {
        int space = line.LastIndexOf(' ');
        string name = space < 0 ? line : line[..space].TrimEnd(), arguments = "";
        Dim3 group = Group(line[(space + 1)..]) ?? throw error("the size of the groups is missing");
        int open = name.IndexOf('<');
        if (open >= 0)
        {
            if (!name.EndsWith('>')) throw error("`>` is missing");
            (name, arguments) = (name[..open], name[(open + 1)..^1]);
        }
        int dot = name.LastIndexOf('.');
        if (dot < 0) throw error("it has no class and method with a dot between them");
        Type host = Single(types.Where(type => type.Name == name[..dot] && type is { IsAbstract: true, IsSealed: true }), $"class {name[..dot]}", error);
        var closed = arguments.Length == 0 ? [] : Array.ConvertAll(arguments.Split(','), argument => Argument(argument.Trim(), host, types, error));
        return new ListedKernel(new KernelRef(host, name[(dot + 1)..], closed), group);
    }

    private static Dim3? Group(string text)
    {
        var sizes = new int[] { 1, 1, 1 };
        string[] parts = text.Split(',');
        if (parts.Length > 3) return null;
        for (int i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i]) || sizes[i] is < 1 or > 1024) return null;
        return new Dim3(sizes[0], sizes[1], sizes[2]);
    }

    /// <summary>A kernel's own nested types come first, then the storage types and numbers, then every value type of the assemblies.</summary>
    private static Type Argument(string name, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicNestedTypes | DynamicallyAccessedMemberTypes.NonPublicNestedTypes)] Type host, Type[] types, Func<string, MmkException> error)
    {
        Type? near = Array.Find(host.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic), type => type.Name == name) ?? Array.Find(Common, type => type.Name == name);
        return near ?? Single(types.Where(type => type.IsValueType && type.Name == name), $"type {name}", error);
    }

    private static Type Single(IEnumerable<Type> found, string what, Func<string, MmkException> error) => found.Take(2).ToArray() switch
    {
        [Type one] => one,
        [] => throw error($"there is no {what}"),
        _ => throw error($"there is more than one {what}"),
    };
}
