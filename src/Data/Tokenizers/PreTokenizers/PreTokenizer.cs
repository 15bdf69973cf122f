namespace MmKernels.Data.Tokenizers;

/// <summary>A stage that cuts pieces into smaller pieces, each of which the model tokenizes by itself.</summary>
internal abstract record PreTokenizer
{
    public abstract void Apply(Pieces pieces);

    /// <summary>Reads a stage; null where the file has none.</summary>
    public static PreTokenizer? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        string type = view["type"].Text();
        throw TextErrors.UnknownType(view.Place, type, "none yet");
    }
}
