using System.Buffers.Binary;

namespace MmKernels.Compiler.Il;

/// <summary>Turns IL bytes (ECMA-335, partition III) into instructions.</summary>
internal static class IlDecoder
{
    private enum Shape : byte { None, Int8, Int32, Int64, Float, Double, Var8, Var16, Token, Branch8, Branch32, Switch }

    /// <summary>All instructions in order, branch targets resolved to indices.</summary>
    public static IlInstruction[] Decode(byte[] il)
    {
        var instructions = new List<IlInstruction>(il.Length / 2);
        int[] indexOf = new int[il.Length + 1];
        for (int at = 0; at < il.Length;)
        {
            indexOf[at] = instructions.Count;
            IlInstruction instruction = DecodeOne(il, at, out at);
            instructions.Add(instruction);
        }
        foreach (IlInstruction instruction in instructions)
        {
            if (instruction.Target >= 0) instruction.Target = indexOf[instruction.Target];
            if (instruction.Targets is not { } targets) continue;
            for (int i = 0; i < targets.Length; i++) targets[i] = indexOf[targets[i]];
        }
        return [.. instructions];
    }

    private static IlInstruction DecodeOne(byte[] il, int offset, out int next)
    {
        int at = offset;
        int code = il[at++];
        if (code == 0xFE) code = 0x100 | il[at++];
        (IlOp op, int kind, Shape shape, string name) = Row(code);
        long operand = 0;
        int target = -1;
        int[]? targets = null;
        ReadOnlySpan<byte> rest = il.AsSpan(at);
        switch (shape)
        {
            case Shape.Int8: operand = (sbyte)rest[0]; at += 1; break;
            case Shape.Var8: operand = rest[0]; at += 1; break;
            case Shape.Var16: operand = BinaryPrimitives.ReadUInt16LittleEndian(rest); at += 2; break;
            case Shape.Int32 or Shape.Token or Shape.Float: operand = BinaryPrimitives.ReadInt32LittleEndian(rest); at += 4; break;
            case Shape.Int64 or Shape.Double: operand = BinaryPrimitives.ReadInt64LittleEndian(rest); at += 8; break;
            case Shape.Branch8: at += 1; target = at + (sbyte)rest[0]; break;
            case Shape.Branch32: at += 4; target = at + BinaryPrimitives.ReadInt32LittleEndian(rest); break;
            case Shape.Switch:
                int count = BinaryPrimitives.ReadInt32LittleEndian(rest);
                at += 4 + 4 * count;
                targets = new int[count];
                for (int i = 0; i < count; i++) targets[i] = at + BinaryPrimitives.ReadInt32LittleEndian(rest[(4 + 4 * i)..]);
                break;
            default:
                if (op is IlOp.LoadArg or IlOp.LoadLocal or IlOp.StoreLocal or IlOp.LoadInt) operand = kind;
                break;
        }
        next = at;
        return new IlInstruction { Offset = offset, Op = op, Kind = (byte)kind, Operand = operand, Target = target, Targets = targets, Name = name };
    }

    private static (IlOp Op, int Kind, Shape Shape, string Name) Row(int code) => code switch
    {
        0x00 or 0x01 => (IlOp.Nop, 0, Shape.None, "nop"),
        >= 0x02 and <= 0x05 => (IlOp.LoadArg, code - 0x02, Shape.None, "ldarg"),
        >= 0x06 and <= 0x09 => (IlOp.LoadLocal, code - 0x06, Shape.None, "ldloc"),
        >= 0x0A and <= 0x0D => (IlOp.StoreLocal, code - 0x0A, Shape.None, "stloc"),
        0x0E => (IlOp.LoadArg, 0, Shape.Var8, "ldarg"),
        0x0F => (IlOp.LoadArgAddress, 0, Shape.Var8, "ldarga"),
        0x10 => (IlOp.StoreArg, 0, Shape.Var8, "starg"),
        0x11 => (IlOp.LoadLocal, 0, Shape.Var8, "ldloc"),
        0x12 => (IlOp.LoadLocalAddress, 0, Shape.Var8, "ldloca"),
        0x13 => (IlOp.StoreLocal, 0, Shape.Var8, "stloc"),
        >= 0x15 and <= 0x1E => (IlOp.LoadInt, code - 0x16, Shape.None, "ldc.i4"),
        0x1F => (IlOp.LoadInt, 0, Shape.Int8, "ldc.i4"),
        0x20 => (IlOp.LoadInt, 0, Shape.Int32, "ldc.i4"),
        0x21 => (IlOp.LoadLong, 0, Shape.Int64, "ldc.i8"),
        0x22 => (IlOp.LoadFloat, 0, Shape.Float, "ldc.r4"),
        0x23 => (IlOp.LoadDouble, 0, Shape.Double, "ldc.r8"),
        0x25 => (IlOp.Dup, 0, Shape.None, "dup"),
        0x26 => (IlOp.Pop, 0, Shape.None, "pop"),
        0x28 => (IlOp.Call, 0, Shape.Token, "call"),
        0x2A => (IlOp.Return, 0, Shape.None, "ret"),
        0x2B => (IlOp.Jump, 0, Shape.Branch8, "br"),
        0x2C => (IlOp.BranchFalse, 0, Shape.Branch8, "brfalse"),
        0x2D => (IlOp.BranchTrue, 0, Shape.Branch8, "brtrue"),
        >= 0x2E and <= 0x37 => (IlOp.BranchCompare, code - 0x2E, Shape.Branch8, "branch"),
        0x38 => (IlOp.Jump, 0, Shape.Branch32, "br"),
        0x39 => (IlOp.BranchFalse, 0, Shape.Branch32, "brfalse"),
        0x3A => (IlOp.BranchTrue, 0, Shape.Branch32, "brtrue"),
        >= 0x3B and <= 0x44 => (IlOp.BranchCompare, code - 0x3B, Shape.Branch32, "branch"),
        0x45 => (IlOp.Switch, 0, Shape.Switch, "switch"),
        >= 0x46 and <= 0x4F => (IlOp.LoadIndirect, code - 0x46, Shape.None, "ldind"),
        >= 0x52 and <= 0x57 => (IlOp.StoreIndirect, code - 0x52, Shape.None, "stind"),
        0xDF => (IlOp.StoreIndirect, 6, Shape.None, "stind.i"),
        >= 0x58 and <= 0x64 => ((IlOp)((int)IlOp.Add + (code - 0x58)), 0, Shape.None, "arithmetic"),
        0x65 => (IlOp.Neg, 0, Shape.None, "neg"),
        0x66 => (IlOp.Not, 0, Shape.None, "not"),
        >= 0x67 and <= 0x6E => (IlOp.Convert, (int)IlConvert.I1 + (code - 0x67), Shape.None, "conv"),
        0x6F => (IlOp.CallVirtual, 0, Shape.Token, "callvirt"),
        0x70 => (IlOp.CopyObject, 0, Shape.Token, "cpobj"),
        0x71 => (IlOp.LoadObject, 0, Shape.Token, "ldobj"),
        0x73 => (IlOp.NewObject, 0, Shape.Token, "newobj"),
        0x76 => (IlOp.Convert, (int)IlConvert.RUn, Shape.None, "conv.r.un"),
        0x7B => (IlOp.LoadField, 0, Shape.Token, "ldfld"),
        0x7C => (IlOp.LoadFieldAddress, 0, Shape.Token, "ldflda"),
        0x7D => (IlOp.StoreField, 0, Shape.Token, "stfld"),
        0x7E => (IlOp.LoadStaticField, 0, Shape.Token, "ldsfld"),
        0x7F => (IlOp.LoadStaticAddress, 0, Shape.Token, "ldsflda"),
        0x81 => (IlOp.StoreObject, 0, Shape.Token, "stobj"),
        0xD0 => (IlOp.LoadToken, 0, Shape.Token, "ldtoken"),
        0xD1 => (IlOp.Convert, (int)IlConvert.U2, Shape.None, "conv.u2"),
        0xD2 => (IlOp.Convert, (int)IlConvert.U1, Shape.None, "conv.u1"),
        0xD3 => (IlOp.Convert, (int)IlConvert.I, Shape.None, "conv.i"),
        0xE0 => (IlOp.Convert, (int)IlConvert.U, Shape.None, "conv.u"),
        0x101 => (IlOp.Compare, (int)IlCompare.Eq, Shape.None, "ceq"),
        0x102 => (IlOp.Compare, (int)IlCompare.Gt, Shape.None, "cgt"),
        0x103 => (IlOp.Compare, (int)IlCompare.GtUn, Shape.None, "cgt.un"),
        0x104 => (IlOp.Compare, (int)IlCompare.Lt, Shape.None, "clt"),
        0x105 => (IlOp.Compare, (int)IlCompare.LtUn, Shape.None, "clt.un"),
        0x109 => (IlOp.LoadArg, 0, Shape.Var16, "ldarg"),
        0x10A => (IlOp.LoadArgAddress, 0, Shape.Var16, "ldarga"),
        0x10B => (IlOp.StoreArg, 0, Shape.Var16, "starg"),
        0x10C => (IlOp.LoadLocal, 0, Shape.Var16, "ldloc"),
        0x10D => (IlOp.LoadLocalAddress, 0, Shape.Var16, "ldloca"),
        0x10E => (IlOp.StoreLocal, 0, Shape.Var16, "stloc"),
        0x10F => (IlOp.StackAllocate, 0, Shape.None, "stackalloc"),
        0x112 => (IlOp.Prefix, 0, Shape.Var8, "unaligned."),
        0x113 or 0x11E or 0x114 => (IlOp.Prefix, 0, Shape.None, "prefix"),
        0x115 => (IlOp.InitObject, 0, Shape.Token, "initobj"),
        0x116 => (IlOp.Constrained, 0, Shape.Token, "constrained."),
        0x117 => (IlOp.CopyBlock, 0, Shape.None, "cpblk"),
        0x11C => (IlOp.SizeOf, 0, Shape.Token, "sizeof"),
        _ => Unsupported(code),
    };

    private static (IlOp Op, int Kind, Shape Shape, string Name) Unsupported(int code)
    {
        (string name, Shape shape) = code switch
        {
            0x14 => ("ldnull", Shape.None),
            0x27 => ("jmp", Shape.Token),
            0x29 => ("calli", Shape.Token),
            0x50 => ("ldind.ref", Shape.None),
            0x51 => ("stind.ref", Shape.None),
            0x72 => ("ldstr", Shape.Token),
            0x74 => ("castclass", Shape.Token),
            0x75 => ("isinst", Shape.Token),
            0x79 => ("unbox", Shape.Token),
            0x7A => ("throw", Shape.None),
            0x80 => ("stsfld", Shape.Token),
            >= 0x82 and <= 0x8B or >= 0xB3 and <= 0xBA or >= 0xD4 and <= 0xDB => ("checked arithmetic", Shape.None),
            0x8C => ("box", Shape.Token),
            0x8D => ("newarr", Shape.Token),
            0x8E => ("ldlen", Shape.None),
            0x8F => ("ldelema", Shape.Token),
            >= 0x90 and <= 0xA2 => ("array element", Shape.None),
            0xA3 or 0xA4 => ("array element", Shape.Token),
            0xA5 => ("unbox.any", Shape.Token),
            0xC2 => ("refanyval", Shape.Token),
            0xC3 => ("ckfinite", Shape.None),
            0xC6 => ("mkrefany", Shape.Token),
            0xDC => ("endfinally", Shape.None),
            0xDD => ("leave", Shape.Branch32),
            0xDE => ("leave", Shape.Branch8),
            0x100 => ("arglist", Shape.None),
            0x106 => ("ldftn", Shape.Token),
            0x107 => ("ldvirtftn", Shape.Token),
            0x111 => ("endfilter", Shape.None),
            0x11A => ("rethrow", Shape.None),
            _ => ($"IL {code:x}", Shape.None),
        };
        return (IlOp.Unsupported, 0, shape, name);
    }
}
