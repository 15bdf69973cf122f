namespace MmKernels.Data;

/// <summary>
/// Everything of a GGUF file but the data (ggml, docs/gguf.md): magic, version, keys and values, tensor infos. Little endian, versions 2 and 3.
/// </summary>
internal sealed class GgufHeader
{
    /// <summary>Longest metadata and tensor infos together; published files have a few megabytes.</summary>
    public const int MaxBytes = 1 << 28;

    private const int MaxDims = 4;
    private const string AlignmentKey = "general.alignment";

    /// <summary>ggml's numbers of tensor types; those that it has removed, or uses only in memory, are not there.</summary>
    private static readonly Dictionary<uint, TensorFormat> formats = new()
    {
        [0] = TensorFormat.F32, [1] = TensorFormat.F16, [2] = TensorFormat.Q4_0, [3] = TensorFormat.Q4_1, [6] = TensorFormat.Q5_0, [7] = TensorFormat.Q5_1, [8] = TensorFormat.Q8_0,
        [10] = TensorFormat.Q2_K, [11] = TensorFormat.Q3_K, [12] = TensorFormat.Q4_K, [13] = TensorFormat.Q5_K, [14] = TensorFormat.Q6_K,
        [16] = TensorFormat.IQ2_XXS, [17] = TensorFormat.IQ2_XS, [18] = TensorFormat.IQ3_XXS, [19] = TensorFormat.IQ1_S, [20] = TensorFormat.IQ4_NL,
        [21] = TensorFormat.IQ3_S, [22] = TensorFormat.IQ2_S, [23] = TensorFormat.IQ4_XS, [24] = TensorFormat.I8, [25] = TensorFormat.I16, [26] = TensorFormat.I32,
        [27] = TensorFormat.I64, [28] = TensorFormat.F64, [29] = TensorFormat.IQ1_M, [30] = TensorFormat.BF16, [34] = TensorFormat.TQ1_0, [35] = TensorFormat.TQ2_0,
        [39] = TensorFormat.MXFP4, [40] = TensorFormat.NVFP4,
    };

    private readonly string file;
    private readonly Dictionary<string, GgufValue> keys = new(StringComparer.Ordinal);
    private readonly List<GgufTensorInfo> tensors = [];
    private ulong alignment = 32;

    private GgufHeader(string file) => this.file = file;

    public uint Version { get; private set; }

    /// <summary>Where the data starts: after the infos, rounded up to the alignment.</summary>
    public long DataStart { get; private set; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyDictionary<string, GgufValue> Keys => keys;

    /// <summary>In the order of their data.</summary>
    public IReadOnlyList<GgufTensorInfo> Tensors => tensors;

    /// <summary>Reads the header of a file.</summary>
    /// <param name="start">The file from its first byte on; at least the header where the file has one.</param>
    /// <param name="fileBytes">Size of the whole file.</param>
    /// <param name="file">The name that errors mention.</param>
    /// <exception cref="MmkException">MMK416, MMK417.</exception>
    public static GgufHeader Parse(ReadOnlySpan<byte> start, long fileBytes, string file)
    {
        var header = new GgufHeader(file);
        var reader = new GgufReader(start, file);
        header.ReadPreamble(ref reader, out int tensorCount, out int keyCount);
        header.ReadKeys(ref reader, keyCount);
        header.ReadInfos(ref reader, tensorCount);
        // No tensors, no data: the file may end without padding.
        header.DataStart = checked((long)(((ulong)reader.Position + header.alignment - 1) / header.alignment * header.alignment));
        header.CheckLayout(fileBytes);
        return header;
    }

    private void ReadPreamble(ref GgufReader reader, out int tensorCount, out int keyCount)
    {
        uint magic = reader.Read<uint>("the magic number");
        if (magic != 0x46554747) throw reader.Wrong($"the magic number is {magic:x8} where GGUF is expected");
        Version = reader.Read<uint>("the version");
        if (Version is not (2 or 3))
            throw reader.Wrong((Version & 0xFFFF) == 0 ? "it is a big-endian file; little-endian ones are read" : $"it has version {Version}; versions 2 and 3 are read");
        ulong tensorsDeclared = reader.Read<ulong>("the number of tensors");
        keyCount = reader.ReadCount(leastBytes: 8 + 4 + 1, "the number of keys");
        if (tensorsDeclared > (ulong)(reader.Left / (8 + 4 + 4 + 8))) throw reader.Wrong($"{tensorsDeclared} tensors are declared, more than the {reader.Left} bytes that follow can hold");
        tensorCount = (int)tensorsDeclared;
    }

    private void ReadKeys(ref GgufReader reader, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string key = reader.ReadName("a key");
            if (!keys.TryAdd(key, reader.ReadValue(key))) throw reader.Wrong($"the key {DataErrors.Quote(key)} is there twice");
        }
        if (!keys.TryGetValue(AlignmentKey, out GgufValue? value)) return;
        alignment = value.Value is uint number && number > 0 && (number & (number - 1)) == 0 ? number
            : throw reader.Wrong($"{AlignmentKey} is {DataErrors.Show(value.ToString(), 40)} where a power of two of type U32 is expected");
    }

    private void ReadInfos(ref GgufReader reader, int count)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadName("a tensor's name");
            if (!names.Add(name)) throw DataErrors.GgufTensor(file, name, "it is declared twice");
            uint rank = reader.Read<uint>(name);
            if (rank > MaxDims) throw DataErrors.GgufTensor(file, name, $"it has {rank} dimensions, at most {MaxDims} are possible");
            var dims = new ulong[rank];
            for (int axis = dims.Length - 1; axis >= 0; axis--) dims[axis] = reader.Read<ulong>(name);   // the file lists the innermost first
            uint type = reader.Read<uint>(name);
            if (!formats.TryGetValue(type, out TensorFormat format)) throw DataErrors.GgufTensor(file, name, $"its type {type} is unknown or was removed from the format");
            ulong offset = reader.Read<ulong>(name);
            if (offset % alignment != 0) throw DataErrors.GgufTensor(file, name, $"its offset {offset} is no multiple of the alignment {alignment}");
            tensors.Add(new GgufTensorInfo(name, format, dims, offset, Bytes(name, format, dims)));
        }
    }

    private ulong Bytes(string name, TensorFormat format, ulong[] dims)
    {
        ulong row = dims.Length == 0 ? 1 : dims[^1], block = (ulong)format.BlockElements();
        if (row % block != 0) throw DataErrors.GgufTensor(file, name, $"its rows of {row} elements are no whole number of {format.Name()} blocks of {block}");
        ulong bytes = (ulong)format.BlockBits() / 8;
        bool fits = true;
        foreach (ulong dim in dims) fits &= Math.BigMul(bytes, dim, out bytes) == 0;
        return fits && bytes / block <= long.MaxValue / 2 ? bytes / block : throw DataErrors.GgufTensor(file, name, $"its dimensions [{string.Join(", ", dims)}] overflow");
    }

    /// <summary>Tensors lie inside of the file and do not overlap; gaps are padding.</summary>
    private void CheckLayout(long fileBytes)
    {
        tensors.Sort(static (a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Bytes.CompareTo(b.Bytes));
        ulong end = 0, dataBytes = (ulong)Math.Max(0, fileBytes - DataStart);
        foreach (GgufTensorInfo tensor in tensors)
        {
            if (tensor.Offset < end) throw DataErrors.GgufTensor(file, tensor.Name, $"it starts at {tensor.Offset}, inside of the tensor before, which ends at {end}");
            if (tensor.Offset > dataBytes || tensor.Bytes > dataBytes - tensor.Offset)
                throw DataErrors.GgufTensor(file, tensor.Name, $"its bytes {tensor.Offset} to {(UInt128)tensor.Offset + tensor.Bytes} reach beyond the {dataBytes} bytes of data");
            end = tensor.Offset + tensor.Bytes;
        }
    }
}
