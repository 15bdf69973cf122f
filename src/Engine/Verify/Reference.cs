using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using MmKernels.Data;

namespace MmKernels.Engine;

/// <summary>What a golden folder recorded: stages in order, their tensors, and the prompts and pictures they came from.</summary>
internal sealed class Reference : IDisposable
{
    private const string FileName = "reference.json";

    private readonly JsonDocument document;
    private readonly Checkpoint tensors;
    private readonly List<string> cases;

    private Reference(string folder, JsonDocument document, Checkpoint tensors)
    {
        (Folder, this.document, this.tensors) = (folder, document, tensors);
        Names = ReadNames();
        cases = [.. Names.Where(name => name.StartsWith("in.", StringComparison.Ordinal) && name.Count(c => c == '.') == 2).Select(name => name.Split('.')[1]).Distinct()];
    }

    public string Folder { get; }

    /// <summary>The recorded tensors' names, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The cases by name; the first, which has no name, is "".</summary>
    public IEnumerable<string> Cases => cases.Prepend("");

    /// <exception cref="MmkException">MMK704, MMK705: it is no golden folder; MMK4xx: a file cannot be read.</exception>
    public static Reference Open(string folder)
    {
        string json = Path.Combine(folder, FileName), weights = Path.Combine(folder, "reference.safetensors");
        if (!File.Exists(json)) throw EngineErrors.NoReference(folder, FileName);
        if (!File.Exists(weights)) throw EngineErrors.NoReference(folder, "reference.safetensors");
        JsonDocument document = JsonText.ParseFile(json);
        Checkpoint tensors = Checkpoint.Open(weights);
        try { return new Reference(folder, document, tensors); }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>The case that a recorded name belongs to, and its name without kind and case: stage.interp.vision.block0 is vision.block0 of interp.</summary>
    public (string Case, string Stage) Split(string name)
    {
        string rest = name[(name.IndexOf('.') + 1)..];
        foreach (string one in cases)
            if (rest.StartsWith(one + ".", StringComparison.Ordinal)) return (one, rest[(one.Length + 1)..]);
        return ("", rest);
    }

    /// <summary>An input of a case, or null.</summary>
    public CheckpointTensor? Input(string ofCase, string name) => tensors.Find(ofCase.Length == 0 ? $"in.{name}" : $"in.{ofCase}.{name}");

    /// <summary>A recorded tensor, or null where the file lacks it.</summary>
    public CheckpointTensor? Find(string name) => tensors.Find(name);

    /// <summary>Where the inputs of a case came from, if that is told: its prompt and pictures.</summary>
    public (string? Prompt, IReadOnlyList<string> Pictures)? Source(string ofCase)
    {
        JsonElement root = document.RootElement;
        if (ofCase.Length > 0 && root.TryGetProperty(ofCase, out JsonElement own) && own.ValueKind == JsonValueKind.Object) return Source(own);
        if (!root.TryGetProperty("cases", out JsonElement all) || all.ValueKind != JsonValueKind.Object) return ofCase.Length == 0 ? Source(root) : null;
        foreach (JsonProperty one in all.EnumerateObject())
        {
            bool named = cases.Contains(one.Name);
            if ((named ? one.Name : "") != ofCase || one.Value.ValueKind != JsonValueKind.Object) continue;
            (string? prompt, IReadOnlyList<string> pictures) = Source(one.Value);
            // Where the cases share their pictures, those are told once.
            return (prompt, ofCase.Length == 0 && !one.Value.TryGetProperty("images", out _) ? Source(root).Item2 : pictures);
        }
        return null;
    }

    public void Dispose()
    {
        tensors.Dispose();
        document.Dispose();
    }

    /// <summary>The elements as doubles; integers and halves are exact.</summary>
    public static double[] Values(CheckpointTensor tensor)
    {
        ReadOnlySpan<byte> data = tensor.Data;
        DType type = tensor.DType ?? throw EngineErrors.BadReference(tensor.FilePath, $"{tensor.Name} has a type that cannot be compared");
        var values = new double[data.Length / type.Bytes()];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> element = data.Slice(i * type.Bytes(), type.Bytes());
            values[i] = type switch
            {
                DType.F32 => BinaryPrimitives.ReadSingleLittleEndian(element),
                DType.F64 => BinaryPrimitives.ReadDoubleLittleEndian(element),
                DType.F16 => (double)BinaryPrimitives.ReadHalfLittleEndian(element),
                DType.I64 => BinaryPrimitives.ReadInt64LittleEndian(element),
                DType.I32 => BinaryPrimitives.ReadInt32LittleEndian(element),
                DType.U8 or DType.Bool => element[0],
                _ => throw EngineErrors.BadReference(tensor.FilePath, $"{tensor.Name} has the type {type}, which cannot be compared"),
            };
        }
        return values;
    }

    /// <summary>Token ids and masks.</summary>
    public static int[] Integers(CheckpointTensor tensor) => Array.ConvertAll(Values(tensor), value => checked((int)value));

    /// <summary>Floats as stored.</summary>
    public static float[] Floats(CheckpointTensor tensor)
        => tensor.DType == DType.F32 ? MemoryMarshal.Cast<byte, float>(tensor.Data).ToArray() : throw EngineErrors.BadReference(tensor.FilePath, $"{tensor.Name} is not F32");

    private static (string?, IReadOnlyList<string>) Source(JsonElement one)
    {
        string? prompt = one.TryGetProperty("prompt", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        var pictures = new List<string>();
        if (one.TryGetProperty("image", out JsonElement single) && single.ValueKind == JsonValueKind.String) pictures.Add(single.GetString()!);
        if (one.TryGetProperty("images", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
            foreach (JsonElement picture in list.EnumerateArray())
                if (picture.ValueKind == JsonValueKind.String) pictures.Add(picture.GetString()!);
        return (prompt, pictures);
    }

    private List<string> ReadNames()
    {
        string path = Path.Combine(Folder, FileName);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("stages", out JsonElement stages) || stages.ValueKind != JsonValueKind.Array)
            throw EngineErrors.BadReference(path, "it has no list `stages`");
        var names = new List<string>();
        foreach (JsonElement stage in stages.EnumerateArray())
        {
            if (stage.ValueKind != JsonValueKind.Object || !stage.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String)
                throw EngineErrors.BadReference(path, "a stage has no name");
            names.Add(name.GetString()!);
        }
        return names;
    }
}
