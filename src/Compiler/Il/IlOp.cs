namespace MmKernels.Compiler.Il;

/// <summary>IL instructions with short forms and operand variants folded together; <see cref="IlInstruction.Kind"/> or its operand tells variants apart.</summary>
internal enum IlOp : byte
{
    Nop, Prefix, Constrained,
    LoadArg, LoadArgAddress, StoreArg, LoadLocal, LoadLocalAddress, StoreLocal,
    LoadInt, LoadLong, LoadFloat, LoadDouble, Dup, Pop,
    Call, CallVirtual, NewObject, Return,
    Jump, BranchTrue, BranchFalse, BranchCompare, Switch, Compare,
    Add, Sub, Mul, Div, DivUnsigned, Rem, RemUnsigned, And, Or, Xor, Shl, Shr, ShrUnsigned, Neg, Not,
    Convert, LoadIndirect, StoreIndirect, LoadObject, StoreObject, InitObject, CopyObject, SizeOf,
    LoadField, LoadFieldAddress, StoreField, LoadStaticField, LoadStaticAddress, LoadToken, StackAllocate, CopyBlock,
    Unsupported,
}

/// <summary>Comparisons of IL. The Un forms are unsigned on integers and true for NaN on floats.</summary>
internal enum IlCompare : byte { Eq, Ge, Gt, Le, Lt, NeUn, GeUn, GtUn, LeUn, LtUn }

/// <summary>Targets of <c>conv</c>.</summary>
internal enum IlConvert : byte { I1, I2, I4, I8, R4, R8, U4, U8, U2, U1, I, U, RUn }
