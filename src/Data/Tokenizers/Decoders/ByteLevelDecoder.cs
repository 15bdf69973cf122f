namespace MmKernels.Data.Tokenizers;

/// <summary>Printable characters become bytes again; wrong UTF-8 shows as U+FFFD. A token with any other character is taken as text.</summary>
internal sealed record ByteLevelDecoder : Decoder
{
    public override List<string> Apply(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens)
        {
            int before = bytes.Count;
            foreach (char c in token)
            {
                int b = ByteCharacters.Byte(c);
                if (b >= 0)
                {
                    bytes.Add((byte)b);
                    continue;
                }
                bytes.RemoveRange(before, bytes.Count - before);
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(token));
                break;
            }
        }
        return [System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes))];
    }
}
