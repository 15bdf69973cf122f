namespace MmKernels.Fuzz;

/// <summary>PNM: headers, plain and binary samples.</summary>
public sealed class PnmTarget : PictureTarget
{
    public override string Name => "pnm";

    protected override string Folder => "pnm";
}
