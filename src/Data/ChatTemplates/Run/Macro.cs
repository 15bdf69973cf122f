namespace MmKernels.Data.ChatTemplates;

/// <summary>A macro, or the body of a call block, with the scope that it was written in.</summary>
internal sealed class Macro(string name, MacroSignature signature, List<Statement> body, Scope scope, Renderer renderer) : PyCallable
{
    public override string Name => name;

    public MacroSignature Signature => signature;

    public override object? Call(Arguments arguments)
    {
        var inner = new Scope(scope);
        List<string> names = signature.Names;
        var named = new List<(string Name, object? Value)>(arguments.Named);
        object? caller = new Undefined("No caller defined");
        int callerAt = named.FindIndex(argument => argument.Name == "caller");
        if (callerAt >= 0 && signature.UsesCaller)
        {
            caller = named[callerAt].Value;
            named.RemoveAt(callerAt);
        }
        for (int i = 0; i < names.Count; i++)
        {
            int at = named.FindIndex(argument => argument.Name == names[i]);
            if (i < arguments.Positional.Count)
            {
                inner[names[i]] = arguments.Positional[i];
                continue;
            }
            int fallback = i - (names.Count - signature.Defaults.Count);
            if (at >= 0)
            {
                inner[names[i]] = named[at].Value;
                named.RemoveAt(at);
            }
            else inner[names[i]] = fallback >= 0 ? renderer.Evaluate(signature.Defaults[fallback], inner) : new Undefined($"parameter '{names[i]}' was not provided");
        }
        if (signature.UsesCaller) inner["caller"] = caller;
        if (signature.UsesKeywords)
        {
            var rest = new PyDict();
            foreach ((string key, object? value) in named) rest[key] = value;
            inner["kwargs"] = rest;
        }
        else if (named.Count > 0) throw Py.TypeError($"macro '{name}' takes no keyword argument '{named[0].Name}'");
        if (signature.UsesVariable) inner["varargs"] = new PyTuple([.. arguments.Positional.Skip(names.Count)]);
        else if (arguments.Positional.Count > names.Count) throw Py.TypeError($"macro '{name}' takes not more than {names.Count} argument(s)");
        return renderer.Capture(body, inner);
    }
}
