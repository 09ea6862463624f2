namespace BackOffice.Jobs;

public static class WorkerHost
{
    public static int Main() => 0;
}
