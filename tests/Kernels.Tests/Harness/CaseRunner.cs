using MmKernels.Graphs;
using MmKernels.Runtime;

namespace MmKernels.Tests.Kernels;

/// <summary>
/// Runs a case on a device. Memory that the op must write is poisoned with NaN, operands lie between fences of NaN, and after each of two runs
/// the fences, the rest of the arena and the operands that the op only reads must be as before, and the results the same bits.
/// </summary>
public static class CaseRunner
{
    private const byte Poison = 0xFF;
    private const int FenceElements = 64;

    /// <summary>The bytes of each checked tensor.</summary>
    public static byte[][] Run(Accelerator accelerator, KernelCase test)
    {
        Operand[] operands = test.Operands;
        var fenced = new Tensor[operands.Length];
        var tensors = new Tensor[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            int elements = checked((int)new Shape(operands[i].Dims).Elements);
            fenced[i] = accelerator.Allocate(operands[i].Type, new Shape(elements + 2 * FenceElements));
            tensors[i] = fenced[i].Rows(FenceElements, elements).Reshape(operands[i].Dims);
        }

        var graph = new Graph(accelerator);
        Tensor[] outputs = test.Op(graph, tensors);
        foreach (Tensor output in outputs)
            if (!output.IsPersistent) graph.Keep(output);
        using GraphPlan plan = graph.Plan();

        byte[][] first = RunOnce(accelerator, test, graph, plan, fenced, tensors, outputs);
        byte[][] second = RunOnce(accelerator, test, graph, plan, fenced, tensors, outputs);
        for (int i = 0; i < first.Length; i++)
            Assert.True(first[i].AsSpan().SequenceEqual(second[i]), $"{test} on {accelerator.Name}: a second run gives other bits in result {i}");
        foreach (Tensor tensor in fenced) accelerator.Release(tensor.Memory.Buffer!);
        return first;
    }

    /// <summary>The types of the checked tensors.</summary>
    public static DType[] OutputTypes(Accelerator accelerator, KernelCase test)
    {
        Tensor[] tensors = Array.ConvertAll(test.Operands, operand => accelerator.Allocate(operand.Type, new Shape(operand.Dims)));
        DType[] types = Array.ConvertAll(test.Op(new Graph(accelerator), tensors), output => output.DType);
        foreach (Tensor tensor in tensors) accelerator.Release(tensor.Memory.Buffer!);
        return types;
    }

    private static byte[][] RunOnce(Accelerator accelerator, KernelCase test, Graph graph, GraphPlan plan, Tensor[] fenced, Tensor[] tensors, Tensor[] outputs)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            accelerator.Write<byte>(fenced[i], Enumerable.Repeat(Poison, (int)fenced[i].Bytes).ToArray());
            accelerator.Write<byte>(tensors[i], test.Operands[i].Content);
        }
        DeviceBuffer? arena = outputs.FirstOrDefault(output => !output.IsPersistent)?.Memory.Buffer;
        if (arena is not null) accelerator.Device.Fill(arena, 0, arena.Bytes, Poison);

        plan.Run();
        accelerator.Synchronize();

        for (int i = 0; i < tensors.Length; i++) CheckOperand(accelerator, test, i, fenced[i], outputs.Any(output => output.Memory == tensors[i].Memory));
        if (arena is not null) CheckArena(accelerator, test, graph, arena);
        return Array.ConvertAll(outputs, accelerator.Read<byte>);
    }

    private static void CheckOperand(Accelerator accelerator, KernelCase test, int index, Tensor fenced, bool written)
    {
        ReadOnlySpan<byte> content = accelerator.Read<byte>(fenced);
        int fence = FenceElements * fenced.DType.Bytes();
        bool intact = content[..fence].IndexOfAnyExcept(Poison) < 0 && content[^fence..].IndexOfAnyExcept(Poison) < 0;
        Assert.True(intact, $"{test} on {accelerator.Name}: wrote beyond operand {index}");
        Assert.True(written || content[fence..^fence].SequenceEqual(test.Operands[index].Content), $"{test} on {accelerator.Name}: changed operand {index}, which it may only read");
    }

    /// <summary>Between tensors of the arena lie the gaps that alignment leaves.</summary>
    private static void CheckArena(Accelerator accelerator, KernelCase test, Graph graph, DeviceBuffer arena)
    {
        var content = new byte[arena.Bytes];
        accelerator.Device.Read(arena, 0, content);
        foreach (TensorMemory memory in graph.Memories)
            if (memory.Buffer == arena) content.AsSpan((int)memory.BufferOffset, (int)memory.Bytes).Fill(Poison);
        Assert.True(content.AsSpan().IndexOfAnyExcept(Poison) < 0, $"{test} on {accelerator.Name}: wrote outside its tensors");
    }
}
