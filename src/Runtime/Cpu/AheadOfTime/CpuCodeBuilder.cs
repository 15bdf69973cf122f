using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu.AheadOfTime;

/// <summary>
/// Writes the code that <see cref="CpuDevice"/> would make of PTX at run time into an assembly, for programs that cannot make code.
/// </summary>
/// <remarks>
/// The assembly has one class per kernel, launch form and width, with a method per region and one that returns them all; a public class
/// (<see cref="CpuCode.TypeName"/>) hands those out by number, and a resource says what each number is code of.
/// </remarks>
[RequiresDynamicCode(JustInTime.Reason), RequiresUnreferencedCode(JustInTime.Reason)]
public sealed class CpuCodeBuilder
{
    private readonly PersistedAssemblyBuilder assembly = new(new AssemblyName(CpuCode.AssemblyName) { Version = new Version(1, 0, 0, 0) }, typeof(object).Assembly);
    private readonly ModuleBuilder module;
    private readonly AssemblyTarget target;
    private readonly List<CpuCodeEntry> entries = [];
    private readonly List<MethodInfo> getters = [];
    private readonly HashSet<CpuCodeKey> known = [];

    public CpuCodeBuilder()
    {
        ConstructorInfo access = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        assembly.SetCustomAttribute(new CustomAttributeBuilder(access, [typeof(CpuCodeBuilder).Assembly.GetName().Name!]));
        module = assembly.DefineDynamicModule(CpuCode.AssemblyName);
        target = new AssemblyTarget(module);
    }

    /// <summary>Kernels written so far, each counted once per launch form and width.</summary>
    public int Count => entries.Count;

    /// <summary>Writes every entry of a PTX text for one width of vectors and the processors that have such vectors.</summary>
    /// <param name="ptx">The text as it will be given to the device.</param>
    /// <param name="lanes">16 for AVX-512, 8 for AVX2, 4 for any processor.</param>
    /// <param name="block">Size of the blocks that will be launched; left out, the one that the entry requires, or whole warps in one dimension.</param>
    /// <returns>Per entry that only the interpreter runs, why; empty where all were written.</returns>
    /// <exception cref="MmkException">MMK1xx: the text is no PTX; MMK306: another number of lanes.</exception>
    public IReadOnlyList<string> Add(string ptx, int lanes, Dim3? block = null)
    {
        VectorInstructions instructions = lanes switch
        {
            16 => VectorInstructions.Avx512,
            8 => VectorInstructions.Avx2,
            4 => VectorInstructions.Common,
            _ => throw RuntimeErrors.LaunchSize(CpuCode.AssemblyName, $"{lanes} lanes; vectors have 4, 8 or 16"),
        };
        PtxModule parsed = PtxText.Parse(ptx);
        PtxVerifier.Verify(parsed);
        using var memory = new ModuleMemory(parsed, map: null);
        var refused = new List<string>();
        foreach (PtxFunction entry in parsed.Functions)
        {
            if (entry is not { IsEntry: true, HasBody: true }) continue;
            LaunchForm form = block is { } size ? LaunchForm.Of(size, lanes) : LaunchForm.Expected(entry, lanes);
            var key = new CpuCodeKey(CpuCodeKey.Hash(ptx), entry.Name, form, lanes);
            if (!known.Add(key)) continue;
            using var source = new KernelSource(parsed, entry, memory);
            SimdKit kit = SimdKit.Of(lanes, instructions);
            var splitting = new RegionSplitting();
            try
            {
                // A class that was begun must be finished: what cannot be written, or must be cut, shows in memory first.
                splitting.Write(source, form, kit, out _);
            }
            catch (NotCompilableException refusal)
            {
                refused.Add($"{entry.Name}: {refusal.Message}");
                continue;
            }
            TypeBuilder type = target.Begin($"K{entries.Count}_{key.Entry}_{key.Lanes}");
            CodeFacts facts = Emitter.WriteAll(source.Plan(form, kit, splitting.Cuts), target, out MethodInfo[] methods);
            getters.Add(WriteGetter(type, methods));
            type.CreateType();
            entries.Add(new CpuCodeEntry(key, instructions, facts, methods.Length));
        }
        return refused;
    }

    /// <summary>Saves the assembly; nothing can be added afterwards.</summary>
    /// <param name="path">The file.</param>
    /// <param name="resources">Further contents, by name.</param>
    public void Save(string path, IReadOnlyDictionary<string, byte[]> resources)
    {
        WriteDirectory();
        MetadataBuilder metadata = assembly.GenerateMetadata(out BlobBuilder il, out BlobBuilder fields);
        var contents = new BlobBuilder();
        AddResource(metadata, contents, CpuCode.ResourceName, CpuCodeIndex.Write(entries));
        foreach ((string name, byte[] content) in resources) AddResource(metadata, contents, name, content);
        var file = new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), il, fields, contents);
        var bytes = new BlobBuilder();
        file.Serialize(bytes);
        using FileStream stream = File.Create(path);
        bytes.WriteContentTo(stream);
    }

    /// <summary><c>RegionCode[] Get() => [R0, R1, ...]</c></summary>
    private static MethodInfo WriteGetter(TypeBuilder type, MethodInfo[] methods)
    {
        MethodBuilder getter = type.DefineMethod("Get", MethodAttributes.Assembly | MethodAttributes.Static, typeof(RegionCode[]), []);
        ConstructorInfo constructor = typeof(RegionCode).GetConstructor([typeof(object), typeof(nint)])!;
        ILGenerator il = getter.GetILGenerator();
        il.Emit(OpCodes.Ldc_I4, methods.Length);
        il.Emit(OpCodes.Newarr, typeof(RegionCode));
        for (int i = 0; i < methods.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldnull);
            il.Emit(OpCodes.Ldftn, methods[i]);
            il.Emit(OpCodes.Newobj, constructor);
            il.Emit(OpCodes.Stelem_Ref);
        }
        il.Emit(OpCodes.Ret);
        return getter;
    }

    /// <summary><c>public static Delegate[] Regions(int number)</c>, null beyond the last kernel.</summary>
    private void WriteDirectory()
    {
        target.Complete();
        TypeBuilder type = AssemblyTarget.Class(module, CpuCode.ClassName, isPublic: true);
        ILGenerator il = type.DefineMethod(CpuCode.MethodName, MethodAttributes.Public | MethodAttributes.Static, typeof(Delegate[]), [typeof(int)]).GetILGenerator();
        var labels = new Label[getters.Count];
        for (int i = 0; i < labels.Length; i++) labels[i] = il.DefineLabel();
        il.Emit(OpCodes.Ldarg_0);
        if (labels.Length > 0) il.Emit(OpCodes.Switch, labels);
        else il.Emit(OpCodes.Pop);
        il.Emit(OpCodes.Ldnull);
        il.Emit(OpCodes.Ret);
        for (int i = 0; i < labels.Length; i++)
        {
            il.MarkLabel(labels[i]);
            il.Emit(OpCodes.Call, getters[i]);
            il.Emit(OpCodes.Ret);
        }
        type.CreateType();
    }

    private static void AddResource(MetadataBuilder metadata, BlobBuilder contents, string name, byte[] content)
    {
        contents.Align(8);
        metadata.AddManifestResource(ManifestResourceAttributes.Public, metadata.GetOrAddString(name), default, (uint)contents.Count);
        contents.WriteInt32(content.Length);
        contents.WriteBytes(content);
    }
}
