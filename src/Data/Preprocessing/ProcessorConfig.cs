using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>What a preprocessor_config.json says in the shapes that processors use: sizes, filters, values per channel.</summary>
internal sealed class ProcessorConfig(ConfigObject config)
{
    /// <summary>No encoder takes pictures of this side; larger values are damage.</summary>
    private const int MaxSide = 1 << 15;

    private const int MaxPinpoints = 1024;

    public ConfigObject Keys => config;

    public bool IsNumber(string key) => config.Find(key) is { ValueKind: JsonValueKind.Number };

    /// <summary>A side of 1 to 32768 pixels.</summary>
    public int Side(string key, int fallback) => config.Has(key) ? Checked(config, key) : fallback;

    /// <summary>One side of an object under <paramref name="key"/>, or null where the key is absent, a number, or lacks that side.</summary>
    public int? Part(string key, string part)
        => config.Find(key) is { ValueKind: JsonValueKind.Object } && config.Object(key) is var size && size.Has(part) ? Checked(size, part) : null;

    /// <summary>{"height", "width"}, or one number for both.</summary>
    public PixelSize Size(string key, int fallback)
    {
        if (!config.Has(key)) return new PixelSize(fallback, fallback);
        if (IsNumber(key)) return new PixelSize(Checked(config, key), Checked(config, key));
        ConfigObject size = config.Object(key);
        return new PixelSize(Checked(size, "width"), Checked(size, "height"));
    }

    /// <summary>Pairs of [height, width].</summary>
    public PixelSize[] Pinpoints(string key, PixelSize[] fallback)
    {
        if (!config.Has(key)) return fallback;
        int[][] pairs = config.IntLists(key);
        if (pairs.Length is < 1 or > MaxPinpoints || Array.Exists(pairs, pair => pair.Length != 2 || Array.Exists(pair, side => side is < 1 or > MaxSide)))
            throw config.Invalid(key, $"1 to {MaxPinpoints} pairs [height, width] of 1 to {MaxSide}");
        return Array.ConvertAll(pairs, pair => new PixelSize(pair[1], pair[0]));
    }

    /// <summary>The filter: Pillow's number under resample, or a name under resample or interpolation.</summary>
    public ResampleFilter Filter(ResampleFilter fallback)
    {
        string key = config.FirstOf("resample", "interpolation");
        if (!config.Has(key)) return fallback;
        if (!IsNumber(key)) return config.Choice(key, "bicubic", "bilinear") == "bicubic" ? ResampleFilter.Bicubic : ResampleFilter.Bilinear;
        int number = config.Int(key);
        return number is >= 0 and <= 5 ? (ResampleFilter)number : throw config.Invalid(key, "an integer from 0 to 5");
    }

    /// <summary>Three finite values per channel under the first of the keys that is there; one number serves all three.</summary>
    public float[] Channels(float[] fallback, params ReadOnlySpan<string> keys)
    {
        string key = config.FirstOf(keys);
        if (!config.Has(key)) return fallback;
        float[] values = config.Floats(key);
        if (values.Length == 1) values = [values[0], values[0], values[0]];
        return values.Length == 3 && Array.TrueForAll(values, float.IsFinite) ? values : throw config.Invalid(key, "one number or three, finite");
    }

    private static int Checked(ConfigObject config, string key)
        => config.Int(key) is var side and >= 1 and <= MaxSide ? side : throw config.Invalid(key, $"an integer from 1 to {MaxSide}");
}
