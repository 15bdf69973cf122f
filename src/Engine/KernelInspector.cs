using System.Reflection;
using System.Xml.Linq;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>A kernel that comes with the engine.</summary>
/// <param name="Name">Its name for tools, for example RmsNorm.</param>
/// <param name="Signature">The kernel with the type arguments that tools take when none are named.</param>
/// <param name="Computes">What it computes, as a formula.</param>
/// <param name="Card">Shapes, launch, traffic, numbers, source: a line each.</param>
public sealed record KernelRow(string Name, string Signature, string Computes, IReadOnlyList<string> Card);

/// <summary>A kernel's code.</summary>
/// <param name="Name">Name of the PTX entry.</param>
/// <param name="Ptx">The PTX module.</param>
/// <param name="Instructions">PTX instructions.</param>
/// <param name="SharedBytes">Shared memory of a block.</param>
/// <param name="Milliseconds">Time that compiling took.</param>
public sealed record KernelCode(string Name, string Ptx, int Instructions, int SharedBytes, double Milliseconds);

/// <summary>Looks into the kernels that come with the engine, without a device.</summary>
public static class KernelInspector
{
    /// <summary>All kernels with their cards.</summary>
    public static IReadOnlyList<KernelRow> List()
    {
        Dictionary<string, XElement> documentation = Documentation();
        return [.. KernelCatalog.Of(ShippedKernels.Assembly).Select(kernel => Row(kernel, documentation))];
    }

    /// <summary>A kernel's PTX.</summary>
    /// <param name="name">The kernel.</param>
    /// <param name="types">Types for its type parameters in order, such as F32, F16; empty for the usual ones.</param>
    /// <param name="target">For example sm_80.</param>
    /// <param name="lines">Whether the PTX points back to the C# lines.</param>
    /// <exception cref="MmkException">MMK514, MMK515, MMK502: no such kernel or type; MMK2xx: it cannot be compiled so.</exception>
    public static KernelCode Compile(string name, IReadOnlyList<string> types, string target, bool lines)
    {
        CompiledText text = KernelCatalog.Compile(KernelCatalog.Find(ShippedKernels.Assembly, name, types), target, lines);
        return new KernelCode(text.Name, text.Ptx, text.Instructions, text.SharedBytes, text.Milliseconds);
    }

    /// <summary>A kernel's intermediate form after all passes.</summary>
    /// <exception cref="MmkException">As <see cref="Compile"/>.</exception>
    public static string IntermediateForm(string name, IReadOnlyList<string> types, string target)
        => KernelCatalog.IntermediateForm(KernelCatalog.Find(ShippedKernels.Assembly, name, types), target);

    private static KernelRow Row(KernelRef kernel, Dictionary<string, XElement> documentation)
    {
        XElement? member = documentation.GetValueOrDefault($"T:{kernel.Host.FullName}");
        return new KernelRow(KernelCatalog.ShortName(kernel.Host), kernel.ToString(), Text(member?.Element("summary")).FirstOrDefault() ?? "", Text(member?.Element("remarks")));
    }

    private static IReadOnlyList<string> Text(XElement? element)
        => element is null ? [] : [.. Plain(element).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];

    /// <summary>References and code are shown by their last name.</summary>
    private static string Plain(XElement element)
        => string.Concat(element.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" } see => (see.Attribute("cref") ?? see.Attribute("langword"))?.Value.Split('.', ':', '(')[^1] ?? "",
            XElement child => Plain(child),
            _ => "",
        }));

    private static Dictionary<string, XElement> Documentation()
    {
        string path = Path.Combine(AppContext.BaseDirectory, ShippedKernels.Assembly.GetName().Name + ".xml");
        return File.Exists(path) ? XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value) : [];
    }
}
