using System.Globalization;
using MmKernels.Compiler.Ir;

namespace MmKernels.Tests;

/// <summary>Reads the text form of the IR, as <see cref="IrText"/> writes it.</summary>
internal sealed class IrParser
{
    private readonly Function function = new("f");
    private readonly Dictionary<string, Value> values = [];
    private readonly Dictionary<string, Block> blocks = [];
    private readonly List<(Value Value, string[] Args)> phis = [];

    public static Function Parse(string text) => new IrParser().Run(text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private Function Run(string[] lines)
    {
        foreach (string line in lines)
            if (Header(line) is { } name) blocks.Add(name, function.NewBlock());
        Block block = null!;
        foreach (string line in lines)
        {
            if (line.StartsWith("function")) continue;
            if (Header(line) is { } name)
            {
                block = blocks[name];
                int from = line.IndexOf("from ", StringComparison.Ordinal);
                if (from >= 0)
                    foreach (string predecessor in line[(from + 5)..].Split(", ")) block.Predecessors.Add(blocks[predecessor]);
            }
            else if (!Terminator(block, line)) Add(block, line);
        }
        foreach ((Value phi, string[] args) in phis) phi.Args = [.. args.Select(Operand)];
        Dominators.Compute(function);
        return function;
    }

    private static string? Header(string line) => line.StartsWith('b') && line.IndexOf(':') is > 0 and int colon ? line[..colon] : null;

    private bool Terminator(Block block, string line)
    {
        string[] words = line.Split(' ');
        switch (words[0])
        {
            case "return": return true;
            case "goto": block.Next = blocks[words[1]]; return true;
            case "if":
                block.Condition = Operand(words[1]);
                block.Next = blocks[words[3]];
                block.Else = blocks[words[5]];
                return true;
            default: return false;
        }
    }

    private void Add(Block block, string line)
    {
        int equals = line.IndexOf(" = ", StringComparison.Ordinal);
        string name = equals < 0 ? "" : line[..equals];
        string rest = equals < 0 ? line : line[(equals + 3)..];
        int hash = rest.IndexOf(" #", StringComparison.Ordinal);
        long imm = hash < 0 ? 0 : long.Parse(rest[(hash + 2)..], CultureInfo.InvariantCulture);
        if (hash >= 0) rest = rest[..hash];
        int space = rest.IndexOf(' ');
        string[] mnemonic = (space < 0 ? rest : rest[..space]).Split('.');
        string[] args = space < 0 ? [] : rest[(space + 1)..].Split(", ");
        var op = Enum.Parse<Op>(mnemonic[0], ignoreCase: true);
        IrType type = op == Op.Store || (op == Op.Load && mnemonic.Any(m => m is "v2" or "v4")) ? IrType.Void : mnemonic.Length > 1 ? TypeOf(mnemonic[^1]) : IrType.Void;
        var value = new Value(function.NextId(), op, type, op switch { Op.Phi => new Value[args.Length], Op.Special => [], _ => [.. args.Select(Operand)] })
        {
            Imm = op == Op.Special ? (long)Enum.Parse<SpecialRegister>(args[0]) : imm,
            Kind = op == Op.Compare ? (byte)Enum.Parse<Condition>(mnemonic[1], ignoreCase: true) : (byte)0,
            Access = op is Op.Load or Op.Store ? AccessOf(mnemonic) : default,
            Block = block,
        };
        if (op == Op.Phi) phis.Add((value, args));
        block.Values.Add(value);
        if (name.Length > 0) values.Add(name, value);
    }

    private static Access AccessOf(string[] words)
    {
        string memory = words[0] == "store" || words.Any(w => w is "v2" or "v4") ? words[^1] : words[^2];
        return new Access(Enum.Parse<Space>(words[1], ignoreCase: true), Enum.Parse<MemoryType>(memory, ignoreCase: true),
            (byte)(words.Contains("v4") ? 4 : words.Contains("v2") ? 2 : 1), words.Contains("nc"));
    }

    private Value Operand(string text)
    {
        if (text.StartsWith('%')) return values[text];
        string[] parts = text.Split(':');
        return TypeOf(parts[1]) switch
        {
            IrType.F32 => function.Constant(float.Parse(parts[0], CultureInfo.InvariantCulture)),
            IrType.F64 => function.Constant(double.Parse(parts[0], CultureInfo.InvariantCulture)),
            var type => function.Constant(type, long.Parse(parts[0], CultureInfo.InvariantCulture)),
        };
    }

    private static IrType TypeOf(string name) => Enum.Parse<IrType>(name, ignoreCase: true);
}
