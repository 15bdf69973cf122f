using System.Security.Cryptography;
using System.Text;

namespace MmKernels.Graphs;

/// <summary>An assembly that a pack's kernels come from, and its build.</summary>
/// <param name="Assembly">Simple name.</param>
/// <param name="Build">Module version id: builds are deterministic, so it is a hash of all IL.</param>
internal readonly record struct PackStamp(string Assembly, Guid Build);

/// <summary>The PTX part of a pack as bytes: a magic word, a hash of what follows, the compiler's build, the builds that the kernels come from, the kernels.</summary>
/// <param name="Compiler">Build of the compiler that made the PTX.</param>
/// <param name="Stamps">Builds of the kernels' assemblies and of what they reference outside the framework.</param>
/// <param name="Kernels">The kernels.</param>
internal sealed record PackContent(Guid Compiler, IReadOnlyList<PackStamp> Stamps, IReadOnlyList<PackedKernel> Kernels)
{
    private const int CountAtMost = 1 << 20, HashBytes = 32;

    private static ReadOnlySpan<byte> Magic => "mmkernels-ptx-1\n"u8;

    public byte[] ToBytes()
    {
        var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Compiler.ToByteArray());
            writer.Write(Stamps.Count);
            foreach (PackStamp stamp in Stamps)
            {
                writer.Write(stamp.Assembly);
                writer.Write(stamp.Build.ToByteArray());
            }
            writer.Write(Kernels.Count);
            foreach (PackedKernel kernel in Kernels)
            {
                writer.Write(kernel.Key);
                writer.Write(kernel.Entry);
                writer.Write(kernel.Parameters.Length);
                foreach (KernelParameterRule parameter in kernel.Parameters)
                {
                    writer.Write(parameter.Name);
                    writer.Write((byte)parameter.Use);
                    writer.Write(parameter.Type.Name);
                }
                writer.Write(kernel.Ptx);
            }
        }
        byte[] content = body.ToArray();
        return [.. Magic, .. SHA256.HashData(content), .. content];
    }

    /// <exception cref="MmkException">MMK531: damaged.</exception>
    public static PackContent Read(string pack, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Magic.Length + HashBytes || !bytes.StartsWith(Magic)) throw GraphErrors.DamagedPack(pack, "its table of kernels has another format");
        byte[] content = bytes[(Magic.Length + HashBytes)..].ToArray();
        if (!bytes.Slice(Magic.Length, HashBytes).SequenceEqual(SHA256.HashData(content))) throw GraphErrors.DamagedPack(pack, "the hash of its table of kernels is wrong");
        using var reader = new BinaryReader(new MemoryStream(content), Encoding.UTF8);
        try
        {
            var compiler = new Guid(reader.ReadBytes(16));
            PackStamp[] stamps = Many(pack, reader, () => new PackStamp(reader.ReadString(), new Guid(reader.ReadBytes(16))));
            PackedKernel[] kernels = Many(pack, reader, () => new PackedKernel(reader.ReadString(), reader.ReadString(), Many(pack, reader, () => Parameter(pack, reader)), reader.ReadString()));
            return new PackContent(compiler, stamps, kernels);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw GraphErrors.DamagedPack(pack, "its table of kernels ends too early");
        }
    }

    private static T[] Many<T>(string pack, BinaryReader reader, Func<T> read)
    {
        int count = reader.ReadInt32();
        if (count is < 0 or > CountAtMost) throw GraphErrors.DamagedPack(pack, $"a list of {count}");
        var list = new List<T>();
        for (int i = 0; i < count; i++) list.Add(read());
        return [.. list];
    }

    private static KernelParameterRule Parameter(string pack, BinaryReader reader)
    {
        string name = reader.ReadString();
        var use = (ParameterUse)reader.ReadByte();
        string type = reader.ReadString();
        if (use > ParameterUse.ArrayView || !PackedKernel.ParameterTypes.TryGetValue(type, out Type? known)) throw GraphErrors.DamagedPack(pack, $"a parameter of the type {use} {type}");
        return new KernelParameterRule(name, use, known);
    }
}
