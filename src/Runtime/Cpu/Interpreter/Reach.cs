using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>What an entry can reach in its module.</summary>
internal static class Reach
{
    /// <summary>The entry and the functions that it calls or takes the address of, transitively.</summary>
    public static List<PtxFunction> Functions(PtxModule module, PtxFunction entry)
    {
        var reached = new List<PtxFunction> { entry };
        var known = new HashSet<PtxFunction>(reached);
        for (int i = 0; i < reached.Count; i++)
        {
            foreach (PtxStatement statement in reached[i].Body)
            {
                if (statement is not PtxInstruction instruction) continue;
                foreach (PtxOperand operand in instruction.Operands)
                    if (operand is FunctionOperand name && module.FindFunction(name.Name) is { HasBody: true } function && known.Add(function)) reached.Add(function);
            }
        }
        // Functions whose addresses lie in tables of the module may be called through them.
        foreach (PtxVariable variable in module.Variables)
            foreach (PtxRelocation relocation in variable.Relocations)
                if (module.FindFunction(relocation.Symbol) is { HasBody: true } function && known.Add(function)) reached.Add(function);
        return reached;
    }

    /// <summary>The shared variables that these functions declare or name.</summary>
    public static IEnumerable<PtxVariable> SharedVariables(PtxModule module, PtxFunction entry)
    {
        var known = new HashSet<PtxVariable>();
        foreach (PtxFunction function in Functions(module, entry))
        {
            foreach (PtxVariable variable in function.Variables)
                if (variable.Space == PtxSpace.Shared && known.Add(variable)) yield return variable;
            foreach (PtxStatement statement in function.Body)
            {
                if (statement is not PtxInstruction instruction) continue;
                foreach (PtxOperand operand in instruction.Operands)
                {
                    PtxVariable? variable = operand switch { SymbolOperand s => s.Variable, AddressOperand a => a.Symbol, _ => null };
                    if (variable is { Space: PtxSpace.Shared } && known.Add(variable)) yield return variable;
                }
            }
        }
    }
}
