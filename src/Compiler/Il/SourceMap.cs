using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace MmKernels.Compiler.Il;

/// <summary>A line of C#.</summary>
internal sealed record SourcePlace(string File, int Line);

/// <summary>Finds the C# line of an IL instruction in the assembly's portable PDB, beside it or inside it.</summary>
internal static class SourceMap
{
    private static readonly ConcurrentDictionary<Assembly, MetadataReaderProvider?> pdbs = new();

    /// <summary>The line, or null where there are no symbols.</summary>
    public static SourcePlace? Find(MethodBase method, int offset)
    {
        MetadataReaderProvider? pdb = pdbs.GetOrAdd(method.Module.Assembly, Open);
        if (pdb is null) return null;
        try
        {
            MetadataReader reader = pdb.GetMetadataReader();
            var handle = (MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken);
            MethodDebugInformation info = reader.GetMethodDebugInformation(handle.ToDebugInformationHandle());
            SequencePoint? found = null;
            foreach (SequencePoint point in info.GetSequencePoints())
            {
                if (point.Offset > offset) break;
                if (!point.IsHidden) found = point;
            }
            return found is { } at ? new SourcePlace(reader.GetString(reader.GetDocument(at.Document).Name), at.StartLine) : null;
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    /// <summary>The line of each instruction.</summary>
    public static SourcePlace?[] PlacesOf(IlMethod method)
    {
        var places = new SourcePlace?[method.Instructions.Length];
        for (int i = 0; i < places.Length; i++)
        {
            SourcePlace? place = Find(method.Method, method.Instructions[i].Offset);
            places[i] = i > 0 && place is not null && place.Equals(places[i - 1]) ? places[i - 1] : place;
        }
        return places;
    }

    /// <summary>For messages: <c>RmsNorm.cs(31)</c>, or the method's name where there are no symbols.</summary>
    public static string Describe(MethodBase method, int offset)
        => Find(method, offset) is { } place ? $"{Path.GetFileName(place.File.Replace('\\', '/'))}({place.Line})" : $"{method.DeclaringType?.Name}.{method.Name}";

    private static MetadataReaderProvider? Open(Assembly assembly)
    {
        string path = assembly.Location;
        if (path.Length == 0 || !File.Exists(path)) return null;
        try
        {
            using var image = new PEReader(new MemoryStream(File.ReadAllBytes(path)));
            return image.TryOpenAssociatedPortablePdb(path, name => File.Exists(name) ? new MemoryStream(File.ReadAllBytes(name)) : null, out MetadataReaderProvider? provider, out _)
                ? provider
                : null;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
