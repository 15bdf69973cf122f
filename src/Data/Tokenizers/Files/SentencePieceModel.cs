using System.Text;

namespace MmKernels.Data.Tokenizers;

internal enum SentencePieceType { Normal = 1, Unknown, Control, UserDefined, Unused, Byte }

/// <summary>What a sentencepiece .model file holds (sentencepiece_model.proto).</summary>
internal sealed class SentencePieceModel
{
    private static readonly UTF8Encoding Strict = new(false, true);

    public List<(string Piece, float Score, SentencePieceType Type)> Pieces { get; } = [];

    /// <summary>1 unigram, 2 BPE, 3 word, 4 character.</summary>
    public int ModelType { get; private set; } = 1;

    public bool ByteFallback { get; private set; }

    public int UnknownId => Pieces.FindIndex(piece => piece.Type == SentencePieceType.Unknown);

    public int BosId { get; private set; } = 1;

    public int EosId { get; private set; } = 2;

    public byte[] CharsMap { get; private set; } = [];

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraSpaces { get; private set; } = true;

    public bool EscapeSpaces { get; private set; } = true;

    public static SentencePieceModel Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var model = new SentencePieceModel();
        var reader = new Protobuf(bytes, name);
        while (reader.Next())
        {
            if (reader.Field == 1) model.ReadPiece(reader.Bytes(), name);
            else if (reader.Field == 2) model.ReadTrainer(reader.Bytes(), name);
            else if (reader.Field == 3) model.ReadNormalizer(reader.Bytes(), name);
            else reader.Skip();
        }
        if (model.Pieces.Count == 0) throw TextErrors.SentencePiece(name, "it has no pieces");
        if (model.UnknownId < 0) throw TextErrors.SentencePiece(name, "it has no unknown piece");
        if (model.ModelType is not (1 or 2)) throw TextErrors.SentencePiece(name, $"the model type {model.ModelType}; 1 (unigram) and 2 (BPE) are known");
        return model;
    }

    /// <summary>The piece of an id where it is a control piece, else null.</summary>
    public string? Control(int id) => id >= 0 && id < Pieces.Count && Pieces[id].Type == SentencePieceType.Control ? Pieces[id].Piece : null;

    private void ReadPiece(ReadOnlySpan<byte> message, string name)
    {
        string piece = "";
        float score = 0;
        var type = SentencePieceType.Normal;
        var reader = new Protobuf(message, name);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                try { piece = Strict.GetString(reader.Bytes()); }
                catch (DecoderFallbackException) { throw TextErrors.SentencePiece(name, $"the piece {Pieces.Count} is not valid UTF-8"); }
            }
            else if (reader.Field == 2) score = reader.Float();
            else if (reader.Field == 3) type = (SentencePieceType)reader.Integer();
            else reader.Skip();
        }
        if (!float.IsFinite(score) || !Enum.IsDefined(type)) throw TextErrors.SentencePiece(name, $"the piece {Pieces.Count} has the score {score} and the type {(int)type}");
        Pieces.Add((piece, score, type));
    }

    private void ReadTrainer(ReadOnlySpan<byte> message, string name)
    {
        var reader = new Protobuf(message, name);
        while (reader.Next())
        {
            if (reader.Field == 3) ModelType = reader.Integer();
            else if (reader.Field == 35) ByteFallback = reader.Integer() != 0;
            else if (reader.Field == 41) BosId = reader.Integer();
            else if (reader.Field == 42) EosId = reader.Integer();
            else reader.Skip();
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message, string name)
    {
        var reader = new Protobuf(message, name);
        while (reader.Next())
        {
            if (reader.Field == 2) CharsMap = reader.Bytes().ToArray();
            else if (reader.Field == 3) AddDummyPrefix = reader.Integer() != 0;
            else if (reader.Field == 4) RemoveExtraSpaces = reader.Integer() != 0;
            else if (reader.Field == 5) EscapeSpaces = reader.Integer() != 0;
            else reader.Skip();
        }
    }
}
