namespace MmKernels.Data.Tokenizers;

/// <summary>A word is a token, or unknown.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, string unknown) : Model(vocabulary)
{
    private readonly int unknownId = vocabulary.Id(unknown);

    public override void Tokenize(ReadOnlySpan<int> piece, TokenSink sink)
    {
        int id = Vocabulary.Id(piece);
        if (id < 0) id = unknownId;
        if (id < 0) throw TextErrors.NoUnknownToken($"the unknown token \"{unknown}\" of the WordLevel model is not in its vocabulary");
        sink.Add(id, 0, piece.Length);
    }

    public static new WordLevelModel Parse(JsonView view) => new(Vocabulary.Parse(view["vocab"]), view["unk_token"].Text());
}
