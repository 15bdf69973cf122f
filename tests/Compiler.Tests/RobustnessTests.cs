using System.Reflection;
using MmKernels.Compiler;


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
}
