using System.Runtime.CompilerServices;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>What one rendering has used of its limits.</summary>
internal sealed class Budget(TemplateLimits limits)
{
    private long steps;
    private long characters;
    private int depth;

    /// <summary>The budget of the rendering that runs on this thread: comparing and showing values counts too, and has no way to be handed it.</summary>
    [ThreadStatic] public static Budget? Current;

    public void Step(long count = 1)
    {
        if ((steps += count) > limits.Steps) throw TextErrors.TemplateLimit($"the chat template takes more than {limits.Steps} steps");
    }

    /// <summary>Called before a value is looked through.</summary>
    public void Scan(object? value) => Step(value switch
    {
        string text => text.Length >> 4,
        PyList list => list.Items.Count >> 4,
        PyTuple tuple => tuple.Items.Length >> 4,
        PyDict dict => dict.Items.Count >> 4,
        PyView view => view.Items.Count >> 4,
        _ => 0,
    });

    /// <summary>Called before so many characters of text, or elements of a list, are made.</summary>
    public void Charge(long count)
    {
        characters += Math.Clamp(count, 0, limits.Characters + 1);
        if (characters > limits.Characters) throw TextErrors.TemplateLimit($"the chat template makes more than {limits.Characters} characters of text");
    }

    public string Charged(string text)
    {
        Charge(text.Length);
        return text;
    }

    public void Enter()
    {
        if (++depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw TextErrors.TemplateLimit($"the chat template nests calls and expressions deeper than {Math.Min(depth - 1, limits.Depth)} levels");
    }

    public void Leave() => depth--;
}
