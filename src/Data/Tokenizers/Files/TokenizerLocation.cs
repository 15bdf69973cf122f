namespace MmKernels.Data.Tokenizers;

/// <summary>Finds the files of a tokenizer and reads them by their kind.</summary>
internal static class TokenizerLocation
{
    private const long LargestFile = 1L << 28;

    public static Tokenizer Load(string path)
    {
        if (!Directory.Exists(path)) return LoadFile(path, null);
        foreach (string file in (ReadOnlySpan<string>)["tokenizer.json", "qwen.tiktoken", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json", "vocab.txt"])
            if (File.Exists(Path.Combine(path, file))) return LoadFile(Path.Combine(path, file), path);
        foreach (string pattern in (ReadOnlySpan<string>)["*.tiktoken", "*.model"])
            if (Directory.EnumerateFiles(path, pattern).Order(StringComparer.Ordinal).FirstOrDefault() is { } file) return LoadFile(file, path);
        throw TextErrors.NotFound(path);
    }

    /// <summary>Reads a file; in a folder, with the configuration that lies beside it.</summary>
    private static Tokenizer LoadFile(string path, string? folder)
    {
        byte[] bytes = Read(path);
        string name = Path.GetFileName(path), beside = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (name.EndsWith(".tiktoken", StringComparison.Ordinal)) return TiktokenFile.Parse(bytes, path, SpecialTokens(beside));
        if (name.EndsWith(".model", StringComparison.Ordinal)) return SentencePieceFile.Parse(bytes, path, folder is null ? null : TokenizerConfig.Open(folder));
        if (name.EndsWith(".txt", StringComparison.Ordinal) && name != "merges.txt") return WordPieceFile.Parse(bytes, path, TokenizerConfig.Open(beside));
        if (name is not ("vocab.json" or "merges.txt")) return Tokenizer.Parse(bytes, path);
        string vocabulary = Path.Combine(beside, "vocab.json"), merges = Path.Combine(beside, "merges.txt");
        return BpeFiles.Parse(Read(vocabulary), vocabulary, Read(merges), merges, TokenizerConfig.Open(beside));
    }

    /// <summary>Which of Qwen's first models a .tiktoken file belongs to shows in the model's configuration.</summary>
    private static IEnumerable<string> SpecialTokens(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) return QwenSpecialTokens.Text;
        ConfigObject config = ConfigObject.Open(path);
        return config.Has("visual") ? QwenSpecialTokens.Vision : config.Has("audio") ? QwenSpecialTokens.Audio : QwenSpecialTokens.Text;
    }

    private static byte[] Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) throw TextErrors.NotFound(path);
        if (file.Length > LargestFile) throw TextErrors.TooLarge(path, file.Length, LargestFile);
        try { return File.ReadAllBytes(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw TextErrors.Unreadable(path, e); }
    }
}
