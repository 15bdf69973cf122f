using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Encoder–decoder models: prompts go to the encoder, the decoder is given the recorded tokens of the answer.</summary>
internal sealed partial class StageRun
{
    private void ReadEncoded(string ofCase, CheckpointTensor ids, Dictionary<string, StageValues> stages)
    {
        if ((reference.Input(ofCase, "decoder_input_ids") ?? reference.Input("", "decoder_input_ids")) is not { } recorded) return;
        int batch = ids.Shape[0], answers = recorded.Shape[0], length = recorded.Shape[1], b = 0;
        int[] answer = Reference.Integers(recorded);
        foreach (float[] states in Encode(ofCase, ids, stages))
        {
            var own = new Dictionary<string, StageValues>();
            Continue(states, answer.AsSpan(b % answers * length, length), own);
            foreach ((string name, StageValues values) in own)
                stages[name] = batch == 1 ? values : Place(stages.GetValueOrDefault(name), values, batch, length, b);
            b++;
        }
    }

    /// <summary>What the encoder makes of each sequence, without padding. A batch of texts is read at once with its padding masked, prompts with pictures one by one.</summary>
    private List<float[]> Encode(string ofCase, CheckpointTensor ids, Dictionary<string, StageValues> stages)
    {
        var states = new List<float[]>();
        int hidden = model.Llm!.Spec.Hidden, padded = ids.Shape[1];
        List<int> lengths = [];
        foreach (Sequence sequence in Sequences(ofCase, ids, stages))
            using (sequence)
            {
                lengths.Add(sequence.Map.Tokens);
                if (sequence.Visual is not null) states.Add(Encode(sequence.Map, sequence.Visual, 1, null, stages));
            }
        if (states.Count > 0) return states;
        float[] all = Encode(TokenMap.Text(Reference.Integers(ids)), null, lengths.Count, lengths.Any(length => length < padded) ? [.. lengths] : null, stages);
        for (int i = 0; i < lengths.Count; i++) states.Add(all.AsSpan(i * padded * hidden, lengths[i] * hidden).ToArray());
        return states;
    }

    private float[] Encode(TokenMap map, Visual? visual, int batch, int[]? lengths, Dictionary<string, StageValues> stages)
    {
        Decoder decoder = model.Llm!;
        int tokens = map.Tokens / batch, hidden = decoder.Spec.Hidden;
        using TensorScope inputs = accelerator.OpenScope();
        var g = new Graph(accelerator, keepNamed: true);
        Tensor x = PromptGraph.Embed(g, inputs, decoder, map, visual).Reshape(batch, tokens, hidden);
        decoder.Encoder!.Encode(g, x, lengths is null ? null : inputs.Upload<int>(DType.I32, new Shape(batch), lengths));
        Collect(g, stages);
        const string Biases = "llm.encoder.position_bias";
        if (stages.TryGetValue(Biases, out StageValues? table)) stages[Biases] = ByPlace(table, tokens);
        return stages["llm.encoder.norm"].Values;
    }

    private void Continue(float[] states, ReadOnlySpan<int> answer, Dictionary<string, StageValues> stages)
    {
        Decoder decoder = model.Llm!;
        int hidden = decoder.Spec.Hidden, rows = states.Length / hidden;
        using TensorScope inputs = accelerator.OpenScope();
        using var cache = new KvCache(accelerator, decoder.Spec, Math.Max(rows, answer.Length));
        var g = new Graph(accelerator, keepNamed: true);
        decoder.Remember(g, inputs.Upload<float>(DType.F32, new Shape(rows, hidden), states), cache);
        decoder.Logits(g, decoder.Continue(g, inputs, TokenMap.Text(answer), 0, cache));
        Collect(g, stages);
    }

    /// <summary>Biases by distance [2 · reach + 1, heads] as references keep them: by query and key, [heads, tokens, tokens].</summary>
    private static StageValues ByPlace(StageValues table, int tokens)
    {
        (int distances, int heads) = table.Shape;
        int reach = distances / 2;
        var values = new float[heads * tokens * tokens];
        for (int i = 0; i < values.Length; i++)
        {
            int key = i % tokens, query = i / tokens % tokens, head = i / tokens / tokens;
            values[i] = table.Values[(Math.Clamp(key - query, -reach, reach) + reach) * heads + head];
        }
        return new StageValues(new Shape(heads, tokens, tokens), values);
    }
}
