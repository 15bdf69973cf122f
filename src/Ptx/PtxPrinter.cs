using System.Globalization;
using System.Text;

namespace MmKernels.Ptx;

/// <summary>Writes modules as PTX text.</summary>
internal sealed class PtxPrinter
{
    private readonly StringBuilder text = new();

    public string Print(PtxModule module)
    {
        Line($".version {module.Version}");
        text.Append($".target {module.Target}");
        foreach (string option in module.TargetOptions) text.Append($", {option}");
        Line("");
        Line($".address_size {module.AddressSize}");
        Line("");
        foreach ((int index, string name) in module.Files) Line($".file {index} \"{name}\"");
        // Initialisers may name functions and functions may use variables: declarations keep the order variables, functions.
        foreach (PtxVariable variable in module.Variables) Line($"{Linkage(variable.Linkage)}{Declaration(variable)};");
        foreach (PtxFunction function in module.Functions) Function(function);
        foreach (string section in module.Sections) Line($".section {section}");
        return text.ToString();
    }

    private void Function(PtxFunction function)
    {
        Line("");
        text.Append(Linkage(function.Linkage)).Append(function.IsEntry ? ".entry " : ".func ");
        if (function.Returns.Count > 0) text.Append('(').AppendJoin(", ", function.Returns.Select(Declaration)).Append(") ");
        text.Append(function.Name);
        if (function.Parameters.Count > 0) text.Append("(\n\t").AppendJoin(",\n\t", function.Parameters.Select(Declaration)).Append("\n)");
        else text.Append("()");
        text.Append('\n');
        if (function.RequiredThreads is { } required) Line($".reqntid {string.Join(", ", required)}");
        if (function.MaxThreads is { } most) Line($".maxntid {string.Join(", ", most)}");
        if (function.MinBlocksPerMultiprocessor > 0) Line($".minnctapersm {function.MinBlocksPerMultiprocessor}");
        if (function.MaxRegisters > 0) Line($".maxnreg {function.MaxRegisters}");
        foreach (string directive in function.Directives) Line(directive.StartsWith(".pragma") ? $"{directive};" : directive);
        if (!function.HasBody)
        {
            Line(";");
            return;
        }
        Line("{");
        foreach (PtxRegisterGroup group in function.RegisterGroups)
            Line(group.Count < 0 ? $"\t.reg .{group.Type.Name()} {group.Prefix};" : $"\t.reg .{group.Type.Name()} {group.Prefix}<{group.Count}>;");
        foreach (PtxVariable variable in function.Variables) Line($"\t{Linkage(variable.Linkage)}{Declaration(variable)};");
        Body(function);
        Line("}");
    }

    private void Body(PtxFunction function)
    {
        PtxLocation? location = null;
        foreach (PtxStatement statement in function.Body)
        {
            switch (statement)
            {
                case PtxInstruction instruction:
                    if (instruction.Location is { } place && !ReferenceEquals(place, location)) Location(location = place);
                    Instruction(instruction);
                    break;
                case PtxLabel label: Line($"{label.Name}:"); break;
                case PtxLocationMark mark: Location(mark.Location); break;
                case PtxPragma pragma: Line($"\t.pragma \"{pragma.Text}\";"); break;
                case PtxBranchTargets targets: Line($"{targets.Name.Name}: .branchtargets {string.Join(", ", (object[])targets.Targets)};"); break;
                case PtxCallPrototype prototype:
                    string returns = prototype.Returns.Length == 0 ? "" : $"({string.Join(", ", prototype.Returns.Select(Declaration))}) ";
                    Line($"{prototype.Name.Name}: .callprototype {returns}_ ({string.Join(", ", prototype.Parameters.Select(Declaration))});");
                    break;
            }
        }
    }

    private void Location(PtxLocation place) => Line($"\t.loc {place.File} {place.Line} {place.Column}{place.Suffix}");

    private void Instruction(PtxInstruction instruction)
    {
        text.Append('\t');
        if (instruction.Guard is { } guard) text.Append(instruction.GuardNegated ? "@!" : "@").Append(guard.Name).Append(' ');
        text.Append(instruction.Operation.Text);
        bool first = true;
        foreach (PtxOperand operand in instruction.Operands)
        {
            // A call without returns or arguments has empty lists that are not written.
            if (operand is ListOperand { Elements.Length: 0 } && (first || instruction.Operands.Length == 3)) continue;
            text.Append(first ? " " : ", ");
            Operand(operand);
            first = false;
        }
        text.Append(";\n");
    }

    private void Operand(PtxOperand operand)
    {
        switch (operand)
        {
            case RegisterOperand register:
                if (register.Negated) text.Append('!');
                text.Append(register.Register.Name);
                break;
            default: text.Append(operand); break;
        }
    }

    private static string Declaration(PtxVariable variable)
    {
        var line = new StringBuilder($".{variable.Space.ToString().ToLowerInvariant()}");
        bool parameterScalar = variable.Space == PtxSpace.Param && variable.Dims.Count == 0;
        if (!parameterScalar || variable.Align != variable.Type.Bytes()) line.Append($" .align {variable.Align}");
        if (variable.Vector > 1) line.Append($" .v{variable.Vector}");
        line.Append($" .{variable.Type.Name()}");
        if (variable.PointerAlign > 0)
        {
            line.Append(" .ptr");
            if (variable.PointerSpace != PtxSpace.Generic) line.Append($" .{variable.PointerSpace.ToString().ToLowerInvariant()}");
            line.Append($" .align {variable.PointerAlign}");
        }
        line.Append(' ').Append(variable.Name);
        foreach (int dim in variable.Dims) line.Append(dim < 0 ? "[]" : $"[{dim}]");
        if (variable.Data is { } data) Initializer(line, variable, data);
        return line.ToString();
    }

    private static void Initializer(StringBuilder line, PtxVariable variable, byte[] data)
    {
        line.Append(" = ");
        int element = 0;
        Elements(line, variable, data, variable.Vector > 1 ? [.. variable.Dims, variable.Vector] : variable.Dims, 0, ref element);
    }

    /// <summary>One pair of braces per dimension; trailing elements that are absent stay absent.</summary>
    private static void Elements(StringBuilder line, PtxVariable variable, byte[] data, IReadOnlyList<int> dims, int depth, ref int element)
    {
        int size = variable.Type.Bytes();
        if (depth == dims.Count)
        {
            PtxRelocation? relocation = Find(variable.Relocations, element * size);
            if (relocation is not null) line.Append(relocation.Generic ? $"generic({relocation.Symbol})" : relocation.Symbol).Append(relocation.Addend == 0 ? "" : $"+{relocation.Addend.ToString(CultureInfo.InvariantCulture)}");
            else line.Append(Element(data.AsSpan(element * size, size), variable.Type));
            element++;
            return;
        }
        line.Append('{');
        for (int i = 0; i < dims[depth] && element < data.Length / size; i++)
        {
            if (i > 0) line.Append(", ");
            Elements(line, variable, data, dims, depth + 1, ref element);
        }
        line.Append('}');
    }

    private static PtxRelocation? Find(IReadOnlyList<PtxRelocation> relocations, int offset)
    {
        foreach (PtxRelocation relocation in relocations)
            if (relocation.Offset == offset) return relocation;
        return null;
    }

    private static string Element(ReadOnlySpan<byte> bytes, PtxType type)
    {
        ulong value = 0;
        for (int i = Math.Min(8, bytes.Length) - 1; i >= 0; i--) value = value << 8 | bytes[i];
        return type switch
        {
            PtxType.F32 => $"0f{value:X8}",
            PtxType.F64 => $"0d{value:X16}",
            PtxType.S8 => ((sbyte)value).ToString(CultureInfo.InvariantCulture),
            PtxType.S16 => ((short)value).ToString(CultureInfo.InvariantCulture),
            PtxType.S32 => ((int)value).ToString(CultureInfo.InvariantCulture),
            PtxType.S64 => ((long)value).ToString(CultureInfo.InvariantCulture),
            _ => value.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static string Linkage(PtxLinkage linkage) => linkage == PtxLinkage.None ? "" : $".{linkage.ToString().ToLowerInvariant()} ";

    private void Line(string line) => text.Append(line).Append('\n');
}
