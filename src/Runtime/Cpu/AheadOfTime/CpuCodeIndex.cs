using System.Security.Cryptography;
using System.Text;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu.AheadOfTime;

/// <summary>
/// The table of an ahead-of-time assembly, as bytes: a magic word, a hash of what follows, the builds (module version ids) of the emitter and of the PTX
/// parser that the code was made by, and the entries in the order of the assembly's numbers.
/// </summary>
internal static class CpuCodeIndex
{
    private const int EntriesAtMost = 1 << 20, HashBytes = 32;

    private static ReadOnlySpan<byte> Magic => "mmkernels-cpu-1\n"u8;

    public static byte[] Write(IReadOnlyList<CpuCodeEntry> entries)
    {
        var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            foreach (Guid build in Builds()) writer.Write(build.ToByteArray());
            writer.Write(entries.Count);
            foreach (CpuCodeEntry entry in entries)
            {
                writer.Write(entry.Key.Ptx);
                writer.Write(entry.Key.Entry);
                writer.Write((byte)entry.Key.Form.X);
                writer.Write(entry.Key.Form.OneDimensional);
                writer.Write(entry.Key.Form.Partial);
                writer.Write(entry.Key.Lanes);
                writer.Write((byte)entry.Instructions);
                writer.Write(entry.Facts.SaveStride);
                writer.Write(entry.Facts.LocalBytes);
                writer.Write(entry.Facts.HomeBytes);
                writer.Write(entry.Facts.WarpHomeBytes);
                writer.Write(entry.Facts.FirstBehindCut);
                writer.Write(entry.Facts.OversizedRegions);
                writer.Write(entry.Facts.UsesHandlers);
                writer.Write(entry.Regions);
            }
        }
        byte[] content = body.ToArray();
        return [.. Magic, .. SHA256.HashData(content), .. content];
    }

    /// <exception cref="MmkException">MMK331: damaged; MMK332: made by another build of this library.</exception>
    public static List<CpuCodeEntry> Read(string pack, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Magic.Length + HashBytes || !bytes.StartsWith(Magic)) throw RuntimeErrors.DamagedPack(pack, "its table of CPU code has another format");
        ReadOnlySpan<byte> content = bytes[(Magic.Length + HashBytes)..];
        if (!bytes.Slice(Magic.Length, HashBytes).SequenceEqual(SHA256.HashData(content))) throw RuntimeErrors.DamagedPack(pack, "the hash of its table of CPU code is wrong");
        using var reader = new BinaryReader(new MemoryStream(content.ToArray()), Encoding.UTF8);
        try
        {
            foreach (Guid build in Builds())
            {
                var made = new Guid(reader.ReadBytes(16));
                if (made != build) throw RuntimeErrors.StalePack(pack, made, build);
            }
            int count = reader.ReadInt32();
            if (count is < 0 or > EntriesAtMost) throw RuntimeErrors.DamagedPack(pack, $"{count} kernels");
            var entries = new List<CpuCodeEntry>();
            for (int i = 0; i < count; i++) entries.Add(Entry(pack, reader));
            return entries;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw RuntimeErrors.DamagedPack(pack, "its table of CPU code ends too early");
        }
    }

    private static CpuCodeEntry Entry(string pack, BinaryReader reader)
    {
        string ptx = reader.ReadString(), name = reader.ReadString();
        var form = new LaunchForm((TidForm)reader.ReadByte(), reader.ReadBoolean(), reader.ReadBoolean());
        var key = new CpuCodeKey(ptx, name, form, reader.ReadInt32());
        var instructions = (VectorInstructions)reader.ReadByte();
        int save = reader.ReadInt32(), local = reader.ReadInt32(), homes = reader.ReadInt32(), warpHomes = reader.ReadInt32(), cut = reader.ReadInt32(), oversized = reader.ReadInt32();
        var facts = new CodeFacts(key.Lanes, save, local, homes, warpHomes, cut, oversized, reader.ReadBoolean());
        int regions = reader.ReadInt32();
        if (key.Lanes is not (4 or 8 or 16) || (save | local | homes | warpHomes) < 0 || cut < 1 || regions < cut) throw RuntimeErrors.DamagedPack(pack, $"the code of {name} has impossible sizes");
        return new CpuCodeEntry(key, instructions, facts, regions);
    }

    /// <summary>Generated code calls this library, and its numbers of handlers and offsets of variables come from the parsed text.</summary>
    private static Guid[] Builds() => [typeof(CpuCodeIndex).Module.ModuleVersionId, typeof(PtxModule).Module.ModuleVersionId];
}
