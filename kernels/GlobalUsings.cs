global using MmKernels.Dialect;
global using MmKernels.Graphs;
