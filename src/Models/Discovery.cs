using System.Reflection;

namespace MmKernels.Models;

/// <summary>Finds what can be chosen by name: writing a class is enough, there is no list to enter it in.</summary>
internal static class Discovery
{
    /// <summary>One of each class of this assembly that derives from <typeparamref name="T"/>, ordered by name.</summary>
    public static IReadOnlyList<T> All<T>() where T : class
        => [.. typeof(T).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && typeof(T).IsAssignableFrom(type))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (T)Activator.CreateInstance(type, nonPublic: true)!)];
}
