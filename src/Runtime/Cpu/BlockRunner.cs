using System.Numerics;
using System.Runtime.InteropServices;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu;

/// <summary>One worker's memory for the block that it runs, and the walk of the block's slices from barrier to barrier.</summary>
internal sealed unsafe class BlockRunner : IDisposable
{
    private const int ScratchBytes = 64 * Emitter.SlotBytes, TableBytes = 3 * 1056 * sizeof(int), MaskBytes = 1024, PhaseBytes = 2 * 1024;
    private readonly LaunchContext* context;
    private readonly GCHandle self;
    private Warp? handlers;
    private Program? handled;
    private byte* shared, save, homes, local, sites;
    private long sharedBytes, saveBytes, homeBytes, localBytes, siteBytes;
    private Dim3 tabled;

    public BlockRunner()
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc(4096 + ScratchBytes + TableBytes + MaskBytes + PhaseBytes, 64);
        NativeMemory.Clear(memory, 4096 + ScratchBytes + TableBytes + MaskBytes + PhaseBytes);
        context = (LaunchContext*)memory;
        context->Scratch = memory + 4096;
        context->TidX = (int*)(context->Scratch + ScratchBytes);
        context->TidY = context->TidX + 1056;
        context->TidZ = context->TidY + 1056;
        context->Masks = (uint*)(context->Scratch + ScratchBytes + TableBytes);
        context->Next = (int*)((byte*)context->Masks + MaskBytes);
        context->NextOut = context->Next + PhaseBytes / 8;
        self = GCHandle.Alloc(this);
        context->Runner = GCHandle.ToIntPtr(self);
    }

    /// <summary>Readies the memory for blocks of a launch.</summary>
    public void Begin(CompiledKernel kernel, in LaunchRequest request)
    {
        int slices = Slices(kernel, request.Block);
        context->Shared = Ensure(ref shared, ref sharedBytes, request.SharedBytes);
        context->Save = Ensure(ref save, ref saveBytes, (long)slices * kernel.Facts.SaveStride);
        context->Homes = Ensure(ref homes, ref homeBytes, kernel.Facts.HomeBytes + (request.Block.Count + 31) / 32 * kernel.Facts.WarpHomeBytes);
        context->Local = Ensure(ref local, ref localBytes, (long)slices * kernel.Facts.Lanes * kernel.Facts.LocalBytes);
        context->LocalEnd = context->Local + (long)slices * kernel.Facts.Lanes * kernel.Facts.LocalBytes;
        context->Parameters = request.Parameters;
        context->Globals = request.Globals;
        (context->NctaidX, context->NctaidY, context->NctaidZ) = (request.Grid.X, request.Grid.Y, request.Grid.Z);
        (context->NtidX, context->NtidY, context->NtidZ) = (request.Block.X, request.Block.Y, request.Block.Z);
        context->DynamicSharedBytes = request.DynamicSharedBytes;
        context->SharedBytes = request.SharedBytes;
        context->Fault = 0;
        (Map, ParameterBytes) = (request.Map, request.ParameterBytes);
        if (kernel.Facts.Sites > 0)
        {
            context->Sites = Ensure(ref sites, ref siteBytes, kernel.Facts.Sites * MemoryChecks.SiteBytes);
            new Span<byte>(context->Sites, kernel.Facts.Sites * MemoryChecks.SiteBytes).Clear();
        }
        if (tabled != request.Block) FillTables(request.Block);
        if (kernel.Handlers is { } program) Attach(program);
    }

    /// <summary>What the device's kernels may touch, for checked accesses.</summary>
    public MemoryMap? Map { get; private set; }

    public int ParameterBytes { get; private set; }

    /// <summary>Makes loops of the kernel end, or lets them run again.</summary>
    public void Stop(bool stop) => Volatile.Write(ref context->Stop, stop ? 1 : 0);

    /// <summary>Runs a block to its end; false when it stopped with a fault.</summary>
    public bool Run(CompiledKernel kernel, in LaunchRequest request, long block)
    {
        context->CtaidX = (int)(block % request.Grid.X);
        context->CtaidY = (int)(block / request.Grid.X % request.Grid.Y);
        context->CtaidZ = (int)(block / request.Grid.X / request.Grid.Y);
        int threads = (int)request.Block.Count, lanes = kernel.Facts.Lanes, slices = Slices(kernel, request.Block);
        uint all = (uint)((1ul << lanes) - 1);
        for (int slice = 0; slice < slices; slice++)
        {
            int present = Math.Clamp(threads - slice * lanes, 0, lanes);
            context->Next[slice] = present == 0 ? -1 : 0;
            context->Masks[slice] = present == lanes ? all : (1u << present) - 1;
        }
        context->BarrierTrue = context->BarrierArrived = 0;
        bool behindCuts = false;
        for (ulong regions = 1; regions != 0; regions = Due(kernel, slices, ref behindCuts))
        {
            // Who waits at a barrier stays there while others go on behind a cut.
            if (behindCuts) new Span<int>(context->Next, slices).CopyTo(new Span<int>(context->NextOut, slices));
            else new Span<int>(context->NextOut, slices).Fill(-1);
            for (; regions != 0; regions &= regions - 1) RunRegions(kernel, BitOperations.TrailingZeroCount(regions), slices, behindCuts);
            if (context->Stop != 0 && context->Fault == 0) context->Fault = (int)KernelFault.StillRunning;
            if (context->Fault != 0) return false;
            int* ran = context->Next;
            context->Next = context->NextOut;
            context->NextOut = ran;
        }
        return true;
    }

    /// <summary>The regions to run next: those behind cuts while anyone stands there, else those behind the barrier at which all have arrived.</summary>
    private ulong Due(CompiledKernel kernel, int slices, ref bool behindCuts)
    {
        ulong behindBarrier = 0, behindCut = 0;
        for (int slice = 0; slice < slices; slice++)
        {
            int region = context->Next[slice];
            if (region < 0) continue;
            if (region < kernel.Facts.FirstBehindCut) behindBarrier |= 1ul << Math.Min(region, 63);
            else behindCut |= 1ul << Math.Min(region, 63);
        }
        behindCuts = behindCut != 0;
        if (behindCuts) return behindCut;
        (context->ReducedTrue, context->ReducedArrived) = (context->BarrierTrue, context->BarrierArrived);
        context->BarrierTrue = context->BarrierArrived = 0;
        return behindBarrier;
    }

    /// <summary>Runs a region; the last bit stands for all regions of its kind from there on.</summary>
    private void RunRegions(CompiledKernel kernel, int first, int slices, bool behindCuts)
    {
        int cut = kernel.Facts.FirstBehindCut, last = first < 63 ? first : behindCuts ? kernel.Code.Length - 1 : cut - 1;
        if (first == 63 && behindCuts) first = Math.Max(first, cut);
        for (int region = first; region <= last; region++) kernel.Code[region](context, slices);
    }

    public FaultPlace Fault => new((KernelFault)context->Fault, context->FaultLine, context->FaultAddress, context->FaultBytes, (PtxSpace)context->FaultSpace);

    /// <summary>Runs an instruction of the current kernel through the interpreter's handler.</summary>
    public void Handle(int op, uint lanes)
    {
        ref Op known = ref handled!.Entry.Ops[op];
        known.Run(handlers!, ref known, lanes);
    }

    public void Dispose()
    {
        handlers?.Release();
        self.Free();
        NativeMemory.AlignedFree(shared);
        NativeMemory.AlignedFree(save);
        NativeMemory.AlignedFree(homes);
        NativeMemory.AlignedFree(local);
        NativeMemory.AlignedFree(sites);
        NativeMemory.AlignedFree(context);
    }

    /// <summary>Slices of whole warps.</summary>
    private static int Slices(CompiledKernel kernel, Dim3 block) => (int)((block.Count + 31) / 32) * (32 / kernel.Facts.Lanes);

    private void Attach(Program program)
    {
        handled = program;
        handlers ??= new Warp(null!, 0);
        handlers.Attach(program);
        context->Rows = (byte*)handlers.Banks[0];
        context->Predicates = (byte*)handlers.Predicates;
    }

    private void FillTables(Dim3 block)
    {
        tabled = block;
        for (int thread = 0; thread < 1056; thread++)
        {
            context->TidX[thread] = thread % block.X;
            context->TidY[thread] = thread / block.X % block.Y;
            context->TidZ[thread] = thread / block.X / block.Y;
        }
    }

    private static byte* Ensure(ref byte* memory, ref long bytes, long needed)
    {
        if (needed <= bytes) return memory;
        NativeMemory.AlignedFree(memory);
        memory = null;
        bytes = 0;
        memory = (byte*)NativeMemory.AlignedAlloc((nuint)needed + 64, 128);
        bytes = needed;
        return memory;
    }
}
