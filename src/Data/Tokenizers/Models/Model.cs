namespace MmKernels.Data.Tokenizers;

/// <summary>The stage that turns a piece of text into tokens.</summary>
internal abstract class Model(Vocabulary vocabulary)
{
    public Vocabulary Vocabulary { get; } = vocabulary;

    /// <summary>Adds the tokens of one piece, with ranges in code points of the piece.</summary>
    public abstract void Tokenize(ReadOnlySpan<int> piece, TokenSink sink);

    public static Model Parse(JsonView view)
    {
        if (view.IsNull) throw view.Wrong("a model");
        string type = view["type"].TextOrNull() ?? "BPE";
        return type switch
        {
            "BPE" => BpeModel.Parse(view),
            _ => throw TextErrors.UnknownType(view.Place, type, "BPE"),
        };
    }
}
