namespace MmKernels.Ptx;

/// <summary>Checks call: returns and arguments against the function or the prototype.</summary>
internal static class CallVerifier
{
    public static void Verify(PtxModule module, PtxFunction caller, PtxInstruction call)
    {
        var returns = (ListOperand)call.Operands[0];
        var arguments = (ListOperand)call.Operands[2];
        IReadOnlyList<PtxVariable> wantedReturns, wantedArguments;
        string name;
        if (call.Operands[1] is FunctionOperand target)
        {
            PtxFunction function = module.FindFunction(target.Name)!;
            if (function.IsEntry) throw PtxErrors.Name(call.Line, $"`{target}` is an entry and cannot be called");
            (name, wantedReturns, wantedArguments) = (function.Name, function.Returns, function.Parameters);
        }
        else
        {
            if (call.Operands.Length < 4) throw PtxErrors.Operands(call.Line, $"`{call}`: an indirect call needs a prototype");
            if (((LabelOperand)call.Operands[3]).Label is var label && caller.Body[label.Index] is not PtxCallPrototype) return;
            var prototype = (PtxCallPrototype)caller.Body[label.Index];
            (name, wantedReturns, wantedArguments) = (label.Name, prototype.Returns, prototype.Parameters);
        }
        Count(call, "returns", returns.Elements.Length, wantedReturns.Count, name);
        Count(call, "arguments", arguments.Elements.Length, wantedArguments.Count, name);
        Sizes(call, returns, wantedReturns, name);
        Sizes(call, arguments, wantedArguments, name);
    }

    private static void Count(PtxInstruction call, string what, int got, int wanted, string name)
    {
        if (got != wanted) throw PtxErrors.Operands(call.Line, $"the call has {got} {what} where `{name}` has {wanted}");
    }

    private static void Sizes(PtxInstruction call, ListOperand list, IReadOnlyList<PtxVariable> wanted, string name)
    {
        for (int i = 0; i < wanted.Count; i++)
        {
            long bytes = list.Elements[i] switch
            {
                SymbolOperand symbol => symbol.Variable.Bytes,
                RegisterOperand register => register.Register.Type.Bytes(),
                _ => wanted[i].Bytes,
            };
            if (bytes != wanted[i].Bytes) throw PtxErrors.Type(call.Line, $"`{list.Elements[i]}` has {bytes} bytes where `{wanted[i]}` of `{name}` has {wanted[i].Bytes}");
        }
    }
}
