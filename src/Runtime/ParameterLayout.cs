using MmKernels.Ptx;

namespace MmKernels.Runtime;

/// <summary>Where an entry's parameters lie in the parameter block: each at the next multiple of its alignment, as PTX lays them out.</summary>
internal static class ParameterLayout
{
    /// <summary>The parameters' places, and the size of the block.</summary>
    public static (KernelParameter[] Parameters, int Bytes) Of(PtxFunction entry)
    {
        var parameters = new KernelParameter[entry.Parameters.Count];
        int end = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            PtxVariable variable = entry.Parameters[i];
            int offset = (end + variable.Align - 1) / variable.Align * variable.Align;
            parameters[i] = new KernelParameter(variable.Name, offset, checked((int)variable.Bytes), variable.Align);
            end = offset + parameters[i].Bytes;
        }
        return (parameters, end);
    }
}
