namespace MmKernels.Data;

/// <summary>
/// One tensor of an open checkpoint: what it is, and where its bytes lie in the mapped file. The bytes are contiguous in row-major order,
/// little endian, not necessarily aligned, and valid until the checkpoint is closed. Nothing is read before it is touched.
/// </summary>
public sealed unsafe class CheckpointTensor
{
    private readonly MappedFile file;
    private readonly ulong[] dims;

    internal CheckpointTensor(MappedFile file, string name, TensorFormat format, ulong[] dims, long fileOffset, long bytes)
    {
        this.file = file;
        this.dims = dims;
        (Name, Format, FileOffset, Bytes) = (name, format, fileOffset, bytes);
    }

    public string Name { get; }

    public TensorFormat Format { get; }

    /// <summary>The storage type that the graph uses for <see cref="Format"/>, or null where it has none.</summary>
    public DType? DType => Format.AsDType();

    /// <summary>The dimensions as the file declares them, outermost first; a file may declare dimensions beyond 2^31 (in an empty tensor, beyond 2^63).</summary>
    public IReadOnlyList<ulong> Dims => dims;

    /// <summary>The dimensions as a shape, outermost first.</summary>
    /// <exception cref="MmkException">MMK409: a dimension exceeds 2^31-1.</exception>
    public Shape Shape
    {
        get
        {
            Span<int> sizes = dims.Length <= 16 ? stackalloc int[dims.Length] : new int[dims.Length];
            for (int i = 0; i < dims.Length; i++)
                sizes[i] = dims[i] <= int.MaxValue ? (int)dims[i] : throw DataErrors.TensorUnusable(FilePath, Name,
                    $"has a dimension of {dims[i]}", "Dimensions up to 2^31-1 are supported");
            return new Shape(sizes);
        }
    }

    /// <summary>Number of elements: what the bytes hold.</summary>
    public long Elements => (long)((Int128)Bytes * 8 / Format.BlockBits() * Format.BlockElements());

    /// <summary>Number of bytes in the file.</summary>
    public long Bytes { get; }

    /// <summary>Position of the first byte in <see cref="FilePath"/>.</summary>
    public long FileOffset { get; }

    /// <summary>The file that holds the tensor.</summary>
    public string FilePath => file.Path;

    /// <summary>Address of the first byte, valid until the checkpoint is closed; <see cref="Bytes"/> bytes may be read there, none written.</summary>
    /// <exception cref="ObjectDisposedException">The checkpoint was closed.</exception>
    public nint Address => (nint)(file.Start + FileOffset);

    /// <summary>All bytes, valid until the checkpoint is closed.</summary>
    /// <exception cref="MmkException">MMK409: more bytes than a span can hold (2^31-1); use <see cref="Slice"/> or <see cref="Address"/>.</exception>
    public ReadOnlySpan<byte> Data => Bytes <= int.MaxValue
        ? new ReadOnlySpan<byte>((void*)Address, (int)Bytes)
        : throw DataErrors.TensorUnusable(FilePath, Name, $"has {Bytes} bytes, too many for one span", "Read it in slices");

    /// <summary><paramref name="length"/> bytes from <paramref name="offset"/> on, valid until the checkpoint is closed.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Bytes - length);
        return new ReadOnlySpan<byte>((void*)(Address + (nint)offset), length);
    }

    /// <summary>
    /// Elements as floats, from element <paramref name="first"/> on in row-major order: exact where float can hold them, blocks dequantised.
    /// </summary>
    /// <param name="first">A multiple of the format's <see cref="TensorFormats.BlockElements"/>.</param>
    /// <param name="values">Receives the elements; its length is a multiple of the same.</param>
    /// <exception cref="MmkException">MMK409: a format that has no float value (C64, F4 and F6 outside of GGUF's blocks).</exception>
    public void ReadFloats(long first, Span<float> values)
    {
        FloatReader.BlockDecoder decoder = FloatReader.Decoder(Format)
            ?? throw DataErrors.TensorUnusable(FilePath, Name, $"is stored as {Format.Name()}, which cannot be read as floats", "Convert the checkpoint to F32, F16 or BF16");
        int elements = Format.BlockElements(), bytes = Format.BlockBits() / 8;
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (first % elements != 0 || values.Length % elements != 0)
            throw new ArgumentException($"{Format.Name()} is read in whole blocks of {elements} elements, not {values.Length} from {first} on");
        // Slices stay below what a span can hold, whatever the sizes of the format.
        const int step = 1 << 20;
        for (int done = 0; done < values.Length; done += step)
        {
            Span<float> part = values.Slice(done, Math.Min(step, values.Length - done));
            FloatReader.Read(Format, decoder, Slice((first + done) / elements * bytes, part.Length / elements * bytes), part);
        }
    }

    /// <summary>For example <c>model.norm.weight BF16 [4096]</c>.</summary>
    public override string ToString() => $"{DataErrors.Show(Name, 120)} {Format.Name()} [{string.Join(", ", dims)}]";
}
