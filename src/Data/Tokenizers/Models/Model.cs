namespace MmKernels.Data.Tokenizers;

/// <summary>The stage that turns a piece of text into tokens.</summary>
internal abstract class Model(Vocabulary vocabulary)
{
    public Vocabulary Vocabulary { get; } = vocabulary;

    /// <summary>Adds the tokens of one piece, with ranges in code points of the piece.</summary>
    public abstract void Tokenize(ReadOnlySpan<int> piece, TokenSink sink);

    public static Model Parse(JsonView view)
    {
        if (!view.IsObject) throw view.Wrong("a model");
        string type = view["type"].TextOrNull() ?? Guess(view);
        return type switch
        {
            "BPE" => BpeModel.Parse(view),
            "WordPiece" => WordPieceModel.Parse(view),
            "WordLevel" => WordLevelModel.Parse(view),
            "Unigram" => UnigramModel.Parse(view),
            _ => throw TextErrors.UnknownType(view.Place, type, "BPE, Unigram, WordLevel, WordPiece"),
        };
    }

    /// <summary>Old files carry no type; their fields tell.</summary>
    private static string Guess(JsonView view)
        => !view["merges"].IsNull ? "BPE" : !view["continuing_subword_prefix"].IsNull ? "WordPiece" : view["vocab"].IsArray ? "Unigram" : "WordLevel";
}
