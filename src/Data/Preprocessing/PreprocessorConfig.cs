using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>Reads preprocessor_config.json into a plan, with the defaults of each processor class of transformers.</summary>
internal static class PreprocessorConfig
{
    public static PreprocessPlan Read(string path, AlphaRule alpha)
    {
        byte[] json;
        try { json = File.ReadAllBytes(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ImageErrors.CannotRead(path, e.Message, e);
        }
        return Parse(json, path, alpha);
    }

    public static PreprocessPlan Parse(ReadOnlyMemory<byte> json, string name, AlphaRule alpha)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw ImageErrors.Config(name, "it is not a JSON object", "Give a preprocessor_config.json");
            return ProcessorPlans.Create(new ConfigReader(document.RootElement, name), alpha);
        }
        catch (JsonException e)
        {
            throw ImageErrors.Config(name, $"it is not JSON ({e.Message})", "Give a preprocessor_config.json");
        }
    }
}
