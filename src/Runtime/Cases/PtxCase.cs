using System.Globalization;
using System.Text.Json;

namespace MmKernels.Runtime.Cases;

/// <summary>What a case folder says: <c>kernel.ptx</c>, <c>case.json</c> and <c>data.safetensors</c> with inputs and expected outputs.</summary>
public sealed class PtxCase
{
    private const long BytesAtMost = 1L << 31;

    private PtxCase(string folder, string ptx, string entry)
    {
        Folder = folder;
        Ptx = ptx;
        Entry = entry;
    }

    public string Folder { get; }

    public string Ptx { get; }

    /// <summary>The entry to run.</summary>
    public string Entry { get; }

    public Dim3 Grid { get; private init; }

    public Dim3 Block { get; private init; }

    public int DynamicSharedBytes { get; private init; }

    /// <summary>An executor may refuse the case.</summary>
    public bool Optional { get; private init; }

    /// <summary>In the order of the entry's parameters.</summary>
    public required IReadOnlyList<CaseParameter> Parameters { get; init; }

    /// <summary>Reads a case folder.</summary>
    /// <exception cref="MmkException">MMK330: a file is missing or malformed.</exception>
    public static PtxCase Read(string folder)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
            JsonElement root = json.RootElement;
            Dictionary<string, CaseTensor> tensors = CaseTensors.Read(Path.Combine(folder, "data.safetensors"), BytesAtMost);
            CaseTolerance tolerance = Tolerance(root);
            var parameters = new List<CaseParameter>();
            foreach (JsonElement parameter in root.GetProperty("params").EnumerateArray()) parameters.Add(Parameter(parameter, tensors, tolerance));
            return new PtxCase(folder, File.ReadAllText(Path.Combine(folder, "kernel.ptx")), root.GetProperty("entry").GetString()!)
            {
                Grid = Extent(root.GetProperty("grid")),
                Block = Extent(root.GetProperty("block")),
                DynamicSharedBytes = root.GetProperty("dynamic_shared_bytes").GetInt32(),
                Optional = root.TryGetProperty("optional", out JsonElement optional) && optional.ValueKind == JsonValueKind.True,
                Parameters = parameters,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw RuntimeErrors.BadCase(folder, e.Message);
        }
    }

    private static Dim3 Extent(JsonElement extent) => new(extent[0].GetInt32(), extent[1].GetInt32(), extent[2].GetInt32());

    private static CaseTolerance Tolerance(JsonElement owner)
    {
        JsonElement tolerance = owner.GetProperty("tolerance");
        return new CaseTolerance(tolerance.GetProperty("abs").GetDouble(), tolerance.GetProperty("rel").GetDouble());
    }

    private static CaseParameter Parameter(JsonElement parameter, Dictionary<string, CaseTensor> tensors, CaseTolerance tolerance)
    {
        switch (parameter.GetProperty("kind").GetString())
        {
            case "bytes": return new CaseValue(Convert.FromHexString(parameter.GetProperty("hex").GetString()!));
            case "scalar": return new CaseValue(Scalar(parameter.GetProperty("dtype").GetString()!, parameter.GetProperty("value")));
            case "buffer": break;
            case var kind: throw new FormatException($"a parameter of kind `{kind}`");
        }
        string name = parameter.GetProperty("name").GetString()!, role = parameter.GetProperty("role").GetString()!;
        string dtype = parameter.GetProperty("dtype").GetString()!;
        long elements = 1;
        foreach (JsonElement dim in parameter.GetProperty("shape").EnumerateArray()) elements = checked(elements * dim.GetInt64());
        CaseTensor? input = role is "in" or "inout" ? tensors[$"in.{name}"] : null;
        CaseTensor? expected = role is "out" or "inout" ? tensors[$"out.{name}"] : null;
        long bytes = checked(elements * ElementBytes(dtype));
        if (bytes < 0 || bytes > BytesAtMost || (input is { } i && i.Bytes.Length != bytes) || (expected is { } o && o.Bytes.Length != bytes))
            throw new FormatException($"the tensors of `{name}` do not have the {bytes} bytes of its shape");
        return new CaseBuffer(name, dtype, (int)bytes, input?.Bytes, expected?.Bytes, parameter.TryGetProperty("tolerance", out _) ? Tolerance(parameter) : tolerance);
    }

    /// <summary>Bytes of an element of the dtype names that cases use.</summary>
    internal static int ElementBytes(string dtype) => dtype switch
    {
        "s8" or "u8" => 1,
        "s16" or "u16" or "f16" or "bf16" => 2,
        "s32" or "u32" or "f32" => 4,
        "s64" or "u64" or "f64" or "ptr" => 8,
        _ => throw new FormatException($"the dtype `{dtype}`"),
    };

    private static byte[] Scalar(string dtype, JsonElement value)
    {
        double Real() => value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();
        return dtype switch
        {
            "f16" => BitConverter.GetBytes(BitConverter.HalfToUInt16Bits((Half)Real())),
            "bf16" => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits((float)Real()) >> 16)),
            "f32" => BitConverter.GetBytes((float)Real()),
            "f64" => BitConverter.GetBytes(Real()),
            "u64" or "ptr" => BitConverter.GetBytes(value.GetUInt64()),
            _ => BitConverter.GetBytes(value.GetInt64())[..ElementBytes(dtype)],
        };
    }
}

/// <summary>A parameter of a case.</summary>
public abstract record CaseParameter;

/// <summary>A scalar or struct: its memory image.</summary>
public sealed record CaseValue(byte[] Bytes) : CaseParameter;

/// <summary>A pointer to memory that starts as <paramref name="Input"/> (0xA5 bytes where null) and must end as <paramref name="Expected"/> (unchanged where null).</summary>
public sealed record CaseBuffer(string Name, string Dtype, int Bytes, byte[]? Input, byte[]? Expected, CaseTolerance Tolerance) : CaseParameter;

/// <summary>|got - expected| ≤ Absolute + Relative · |expected|; both zero ask for equal bits, NaN payloads aside.</summary>
public readonly record struct CaseTolerance(double Absolute, double Relative);
