namespace MmKernels.Data.Tokenizers;

/// <summary>A template of sequences and special tokens, one for a single text and one for a pair.</summary>
internal sealed record TemplateProcessor(TemplateProcessor.Item[] Single, TemplateProcessor.Item[] Pair) : PostProcessor
{
    private const int MostAdded = 10_000;

    /// <summary>A sequence (0 or 1) or, where <paramref name="Ids"/> is given, special tokens.</summary>
    internal sealed record Item(int Sequence, int TypeId, int[]? Ids, string[]? Tokens);

    public override int Added(bool pair)
    {
        int added = 0;
        foreach (Item item in pair ? Pair : Single) added += item.Ids?.Length ?? 0;
        return added;
    }

    public override List<Encoding> Apply(List<Encoding> parts, bool addSpecialTokens)
    {
        var result = new List<Encoding>();
        foreach (Item item in parts.Count == 2 ? Pair : Single)
        {
            if (item.Ids is null) result.Add(parts[item.Sequence].With(item.TypeId, item.Sequence));
            else if (addSpecialTokens) result.Add(Encoding.Special(item.Ids, item.Tokens!, item.TypeId));
        }
        return result;
    }

    /// <summary>Special tokens before and behind every text.</summary>
    public static TemplateProcessor Around(SpecialToken? before, SpecialToken? behind)
    {
        return new TemplateProcessor([.. Items(0)], [.. Items(0), .. Items(1)]);

        IEnumerable<Item> Items(int sequence)
        {
            if (before is not null) yield return new Item(-1, 0, [before.Id], [before.Content]);
            yield return new Item(sequence, 0, null, null);
            if (behind is not null) yield return new Item(-1, 0, [behind.Id], [behind.Content]);
        }
    }

    public static new TemplateProcessor Parse(JsonView view)
    {
        var special = new Dictionary<string, (int[] Ids, string[] Tokens)>();
        JsonView table = view["special_tokens"];
        if (!table.IsNull)
            foreach ((string key, JsonView value) in table.Fields())
            {
                int[] ids = [.. value["ids"].Items().Select(id => id.Count())];
                string[] tokens = [.. value["tokens"].Items().Select(token => token.Text())];
                if (ids.Length != tokens.Length)
                    throw TextErrors.WrongField($"{table.Place}[\"{TextErrors.Short(key)}\"]", $"{ids.Length} ids and {tokens.Length} tokens");
                special[key] = (ids, tokens);
            }
        return new TemplateProcessor(ParseItems(view["single"], special, 1), ParseItems(view["pair"], special, 2));
    }

    private static Item[] ParseItems(JsonView view, Dictionary<string, (int[] Ids, string[] Tokens)> special, int sequences)
    {
        var items = new List<Item>();
        foreach (JsonView entry in view.Items())
        {
            JsonView sequence = entry["Sequence"], token = entry["SpecialToken"];
            if (!sequence.IsNull)
            {
                string name = sequence["id"].Text();
                int index = name is "A" ? 0 : name is "B" && sequences == 2 ? 1 : throw sequence["id"].Wrong(sequences == 2 ? "A or B" : "A");
                items.Add(new Item(index, sequence["type_id"].Count(), null, null));
            }
            else
            {
                if (token.IsNull) throw entry.Wrong("{\"Sequence\": …} or {\"SpecialToken\": …}");
                string name = token["id"].Text();
                if (!special.TryGetValue(name, out (int[] Ids, string[] Tokens) found))
                    throw TextErrors.WrongField(token.Place, $"the special token \"{TextErrors.Short(name)}\" is not in special_tokens");
                items.Add(new Item(-1, token["type_id"].Count(), found.Ids, found.Tokens));
            }
        }
        long added = items.Sum(item => (long)(item.Ids?.Length ?? 0));
        return added <= MostAdded ? [.. items] : throw TextErrors.WrongField(view.Place, $"the template adds {added} tokens; the most is {MostAdded}");
    }
}
