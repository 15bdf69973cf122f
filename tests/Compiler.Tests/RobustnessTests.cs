using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Compiler;
using MmKernels.Dialect;

namespace MmKernels.Tests;

/// <summary>The compiler meets IL that was never meant for it.</summary>
public class RobustnessTests
{
    /// <summary>Every static method of the assembly that takes numbers only: translated, or refused with a numbered error.</summary>
    [Theory]
    [InlineData(typeof(object))]
    [InlineData(typeof(Enumerable))]
    [InlineData(typeof(KernelCompiler))]
    [InlineData(typeof(Xunit.Assert))]
    public void ForeignMethod_IsTranslatedOrRefusedByNumber(System.Type inAssembly)
    {
        int translated = 0, refused = 0;
        var faults = new List<string>();
        foreach (System.Type type in inAssembly.Assembly.GetTypes())
        {
            if (type.ContainsGenericParameters) continue;
            foreach (MethodInfo method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (method.ContainsGenericParameters || method.GetMethodBody() is null || !method.GetParameters().All(p => IsNumber(p.ParameterType))) continue;
                try
                {
                    KernelCompiler.Translate(method, new CompileOptions());
                    translated++;
                }
                catch (MmkException e) when (e.Number != 299)
                {
                    refused++;
                }
                catch (Exception e)
                {
                    faults.Add($"{type}.{method}: {e}");
                }
            }
        }
        Assert.True(faults.Count == 0, string.Join("\n", faults.Take(5)));
        Assert.True(translated + refused > 0, $"{inAssembly.Assembly} has no such method");
    }

    private static bool IsNumber(System.Type type) => !type.IsByRef && (type.IsPrimitive || type.IsEnum);

    /// <summary>A kernel of 20000 additions one after the other, and one whose index is a sum of 20000 terms.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void HugeMethod_IsCompiled(bool asIndex)
    {
        MethodInfo kernel = Generated(il =>
        {
            il.Emit(OpCodes.Ldarga_S, (byte)0);
            il.Emit(OpCodes.Call, typeof(Group).GetProperty(nameof(Group.IdxX))!.GetMethod!);
            for (int i = 0; i < 20_000; i++)
            {
                il.Emit(OpCodes.Call, typeof(Group).GetProperty(nameof(Group.DimX))!.GetMethod!);
                il.Emit(i % 3 == 0 ? OpCodes.Xor : OpCodes.Add);
            }
            if (!asIndex)
            {
                il.Emit(OpCodes.Ldc_I4_7);
                il.Emit(OpCodes.And);
            }
            il.Emit(OpCodes.Call, typeof(ArrayView<int>).GetMethod("get_Item", [typeof(int)])!);
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Stind_I4);
            il.Emit(OpCodes.Ret);
        });
        Assert.Contains("st.global.b32", new KernelCompiler().Compile(kernel, new CompileOptions()).Ptx);
    }

    /// <summary>IL that no compiler writes: a branch past the end, an empty stack, a method without a return.</summary>
    [Theory]
    [InlineData(new byte[] { 0x2B, 0x70 })]
    [InlineData(new byte[] { 0x58, 0x2A })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x28, 0xFF, 0xFF, 0xFF, 0x0A, 0x2A })]
    [InlineData(new byte[] { 0x20, 0x01 })]
    public void BrokenIl_IsANumberedError(byte[] code)
    {
        MethodInfo kernel = Generated(il =>
        {
            foreach (byte _ in code) il.Emit(OpCodes.Nop);
        }, code);
        Assert.InRange(Assert.Throws<MmkException>(() => new KernelCompiler().Compile(kernel, new CompileOptions())).Number, 200, 299);
    }

    /// <summary>The method of an assembly in memory: void Kernel(ArrayView&lt;int&gt;).</summary>
    private static MethodInfo Generated(Action<ILGenerator> write, byte[]? instead = null)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Generated"), typeof(object).Assembly);
        TypeBuilder type = assembly.DefineDynamicModule("Generated").DefineType("G", TypeAttributes.Public);
        MethodBuilder method = type.DefineMethod("Kernel", MethodAttributes.Public | MethodAttributes.Static, typeof(void), [typeof(ArrayView<int>)]);
        write(method.GetILGenerator());
        type.CreateType();
        var stream = new MemoryStream();
        assembly.Save(stream);
        byte[] image = stream.ToArray();
        if (instead is not null)
        {
            // The body is so many nops, at one place in the image.
            int at = image.AsSpan().IndexOf([(byte)(instead.Length << 2 | 2), .. new byte[instead.Length]]);
            instead.CopyTo(image, at + 1);
        }
        return Assembly.Load(image).GetType("G")!.GetMethod("Kernel")!;
    }
}
