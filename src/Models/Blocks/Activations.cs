using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Activations by the names that published configs use.</summary>
internal static class Activations
{
    public const string Names = "gelu, gelu_new, gelu_pytorch_tanh, quick_gelu, silu, relu, relu2";

    /// <exception cref="MmkException">MMK410, MMK411: the key is missing or names no known activation.</exception>
    public static Activation Named(ConfigObject config, string key) => Find(config.String(key)) ?? throw config.Invalid(key, $"one of {Names}");

    /// <summary>The activation of a name, or null.</summary>
    public static Activation? Find(string name) => name switch
    {
        "gelu" or "gelu_python" => Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => Activation.GeluTanh,
        "quick_gelu" => Activation.QuickGelu,
        "silu" or "swish" => Activation.Silu,
        "relu" => Activation.Relu,
        "relu2" => Activation.SquaredRelu,
        _ => null,
    };
}
