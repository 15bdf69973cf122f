namespace MmKernels.Data;

/// <summary>Rotary position settings of a language model, from the two ways in which configs write them.</summary>
/// <param name="Theta">Base of the frequencies.</param>
/// <param name="Type">default, linear, dynamic, yarn, longrope, llama3, mrope.</param>
/// <param name="PartialFactor">The share of each head's dimensions that is rotated.</param>
/// <param name="Scaling">The further values of the type (factor, short_factor, mrope_section, …), or null where the type is default and has none.</param>
public sealed record RopeConfig(double Theta, string Type, double PartialFactor, ConfigObject? Scaling)
{
    /// <summary>
    /// Reads rope_parameters (transformers 5), else rope_theta, rope_scaling and partial_rotary_factor (before), else GPT-NeoX's rotary_emb_base and rotary_pct.
    /// </summary>
    /// <exception cref="MmkException">MMK411.</exception>
    public static RopeConfig Of(ConfigObject text)
    {
        ConfigObject? modern = text.IsSet("rope_parameters") ? text.Object("rope_parameters") : null;
        ConfigObject? scaling = modern ?? text.FindObject("rope_scaling");
        string? type = scaling is null ? null : scaling.FindString(scaling.FirstOf("rope_type", "type"));
        return new RopeConfig(
            modern?.FindDouble("rope_theta") ?? text.FindDouble(text.FirstOf("rope_theta", "rotary_emb_base")) ?? 10000.0,
            // "su" is the name of longrope in Phi-3's first release.
            type is "su" ? "longrope" : type ?? "default",
            modern?.FindDouble("partial_rotary_factor") ?? text.FindDouble(text.FirstOf("partial_rotary_factor", "rotary_pct")) ?? 1.0,
            scaling);
    }
}
