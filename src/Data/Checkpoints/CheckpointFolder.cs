namespace MmKernels.Data;

/// <summary>Finds the weights in a folder.</summary>
internal static class CheckpointFolder
{
    /// <summary>Preferred names, first match wins: transformers takes model.safetensors before an index; the last two are those of diffusers.</summary>
    private static readonly string[] known =
    [
        "model.safetensors", "model.safetensors.index.json", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.safetensors.index.json",
    ];

    private static readonly string[] pickleEndings = [".bin", ".pt", ".pth", ".ckpt"];

    /// <summary>The file or index to open for a path that names a file, an index or a folder; adds a note where there was a choice.</summary>
    /// <exception cref="MmkException">MMK400: nothing there. MMK407: no weights found, or several to choose from.</exception>
    public static string FindWeights(string path, List<string> notes)
    {
        if (File.Exists(path)) return path;
        if (!Directory.Exists(path)) throw DataErrors.FileUnreadable(path, "there is no such file or folder");
        List<string> names = ListNames(path);
        foreach (string name in known)
        {
            if (!names.Contains(name)) continue;
            string? index = name.EndsWith(".safetensors", StringComparison.Ordinal) && names.Contains(name + ".index.json") ? name + ".index.json" : null;
            if (index is not null) notes.Add($"{name} and {index} are both there; {name} is used");
            return Path.Combine(path, name);
        }
        return Path.Combine(path, OnlyOne(path, names));
    }

    private static string OnlyOne(string folder, List<string> names)
    {
        foreach (string ending in new[] { ".safetensors.index.json", ".safetensors", ".gguf" })
        {
            // The first of numbered parts stands for all of them.
            List<string> found = names.FindAll(name => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
            if (found.Exists(NumberedParts.IsFirst)) found.RemoveAll(NumberedParts.IsLater);
            if (found.Count == 1) return found[0];
            if (found.Count > 1)
                throw DataErrors.NoCheckpoint(folder, $"{found.Count} files could be the weights: {string.Join(", ", found.Take(5).Select(DataErrors.Quote))}", "Name one of them");
        }
        string? pickle = names.Find(name => pickleEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
        throw pickle is null
            ? DataErrors.NoCheckpoint(folder, "no weights in this folder", "A checkpoint folder holds model.safetensors, model.safetensors.index.json with its shards, or one .gguf file")
            : DataErrors.NoCheckpoint(folder, $"the weights are a pickle ({DataErrors.Quote(pickle)}), which can run code when it is read", "Convert them to safetensors");
    }

    private static List<string> ListNames(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DataErrors.FileUnreadable(folder, DataErrors.Show(e.Message), e);
        }
    }
}
