namespace MmKernels.Models;

/// <summary>How a model's positions were stretched beyond what it was first trained on.</summary>
public abstract record RotaryScaling
{
    /// <summary>The base of the frequencies.</summary>
    public virtual double Theta(double theta, int dims, int length) => theta;

    /// <summary>Scales frequencies.</summary>
    public virtual void Apply(Span<float> frequencies, int length)
    {
    }

    /// <summary>The length that counts for tokens which follow others; 0 where none does.</summary>
    /// <param name="first">Tokens before them.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="before">The length that counted for those before.</param>
    public virtual int Length(int first, int tokens, int before) => 0;

    /// <summary>The length from which on tokens before must be read again, because they would have been read otherwise.</summary>
    public virtual int? Border => null;
}
