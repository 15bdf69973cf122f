using MmKernels.Graphs;

namespace MmKernels.Tests;

public sealed class MemoryPlanTests : IDisposable
{
    private readonly Accelerator accelerator = Accelerator.Open("interpreter");

    public void Dispose() => accelerator.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomLifetimes_NeverShareBytesWhileBothLive_AndStayBelowTheSum(int seed)
    {
        var random = new Random(seed);
        var graph = new Graph(accelerator);
        var memories = new List<TensorMemory>();
        for (int i = 0; i < 200; i++)
        {
            int first = random.Next(100);
            memories.Add(new TensorMemory(graph, random.Next(1, 5000)) { FirstUse = first, LastUse = first + random.Next(12) });
        }

        long arena = MemoryPlan.Place(memories);

        foreach (TensorMemory a in memories)
        {
            Assert.Equal(0, a.BufferOffset % 256);
            Assert.InRange(a.BufferOffset + a.Bytes, 1, arena);
            foreach (TensorMemory b in memories)
            {
                if (a == b || a.LastUse < b.FirstUse || b.LastUse < a.FirstUse) continue;
                Assert.True(a.BufferOffset + a.Bytes <= b.BufferOffset || b.BufferOffset + b.Bytes <= a.BufferOffset);
            }
        }
        Assert.True(arena < memories.Sum(memory => memory.Bytes) / 2, "lifetimes of a tenth of the run must share most of the memory");
    }

    [Fact]
    public void TensorsThatFollowEachOther_ShareTheirBytes()
    {
        var graph = new Graph(accelerator);
        TensorMemory[] memories = [.. Enumerable.Range(0, 10).Select(i => new TensorMemory(graph, 1024) { FirstUse = i, LastUse = i + 1 })];
        Assert.Equal(2048, MemoryPlan.Place(memories));
    }

    [Fact]
    public void UnusedTensors_TakeNoMemory()
    {
        var graph = new Graph(accelerator);
        Assert.Equal(0, MemoryPlan.Place([new TensorMemory(graph, 1024)]));
    }
}
